# firestore_protos: Firestore's protocol, generated from the .proto files that script/bootstrap fetches into
# protos/node_modules. What is missing for it turns GATEWAY_FIRESTORE off, and is said.
option(GATEWAY_FIRESTORE "Build what speaks Firestore (gRPC)" ON)
set(FIRESTORE_PROTO_ROOT ${PROJECT_SOURCE_DIR}/protos/node_modules/@google-cloud/firestore/build/protos)

# A plain variable over the cached one: the next run of CMake looks again.
function(_firestore_off why)
  message(STATUS "GATEWAY_FIRESTORE is off: ${why}")
  set(GATEWAY_FIRESTORE OFF PARENT_SCOPE)
endfunction()

if(GATEWAY_FIRESTORE)
  find_package(Protobuf QUIET)
  find_package(gRPC CONFIG QUIET)
  find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin)
  if(NOT EXISTS ${FIRESTORE_PROTO_ROOT}/google/firestore/v1/firestore.proto)
    _firestore_off("protos/node_modules is missing; script/bootstrap fetches it with npm")
  elseif(NOT Protobuf_FOUND OR NOT gRPC_FOUND OR NOT GRPC_CPP_PLUGIN)
    _firestore_off("protoc or gRPC is missing; script/bootstrap installs them")
  endif()
endif()
if(NOT GATEWAY_FIRESTORE)
  return()
endif()

# The service and all that it imports, but for google/protobuf, which libprotobuf-dev brings in the version of protoc.
set(_protos
    google/api/annotations google/api/client google/api/field_behavior google/api/http google/api/launch_stage
    google/api/routing google/firestore/v1/aggregation_result google/firestore/v1/bloom_filter
    google/firestore/v1/common google/firestore/v1/document google/firestore/v1/explain_stats
    google/firestore/v1/firestore google/firestore/v1/pipeline google/firestore/v1/query
    google/firestore/v1/query_profile google/firestore/v1/write google/rpc/status google/type/latlng)
set(_generated ${PROJECT_BINARY_DIR}/firestore_protos)
file(MAKE_DIRECTORY ${_generated})
set(_sources "")
foreach(proto IN LISTS _protos)
  set(outputs ${_generated}/${proto}.pb.cc ${_generated}/${proto}.pb.h)
  set(service "")
  if(proto STREQUAL "google/firestore/v1/firestore")
    list(APPEND outputs ${_generated}/${proto}.grpc.pb.cc ${_generated}/${proto}.grpc.pb.h)
    set(service --grpc_out=${_generated} --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN})
  endif()
  # /usr/include stands first: its google/protobuf is the one that goes with protoc.
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND protobuf::protoc -I /usr/include -I ${FIRESTORE_PROTO_ROOT} --cpp_out=${_generated} ${service} ${proto}.proto
    DEPENDS ${FIRESTORE_PROTO_ROOT}/${proto}.proto
    COMMENT "protoc ${proto}" VERBATIM)
  list(APPEND _sources ${outputs})
endforeach()

# Only built where something links it. Neither warnings, debug information (47 MB) nor sanitizers for generated code.
add_library(firestore_protos STATIC EXCLUDE_FROM_ALL ${_sources})
target_compile_options(firestore_protos PRIVATE -w -g0)
if(GATEWAY_SANITIZE)
  target_compile_options(firestore_protos PRIVATE -fno-sanitize=all)
endif()
target_include_directories(firestore_protos SYSTEM PUBLIC ${_generated})
target_link_libraries(firestore_protos PUBLIC gRPC::grpc++ protobuf::libprotobuf)
