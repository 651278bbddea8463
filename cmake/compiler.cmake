# One place for language level, warnings, hardening and sanitizers.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)
link_libraries(Threads::Threads)
add_compile_options(-Wall -Wextra -Wpedantic -Werror -fno-omit-frame-pointer)
# Asio's headers in every translation unit that waits: declare its usual types once, keep the rest lean.
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 misreads moved-from std::optional and std::expected members as uninitialised, and the hooks of Boost.Intrusive
  # as pointers that outlive their list.
  add_compile_options(-Wno-maybe-uninitialized -Wno-dangling-pointer)
endif()

set(GATEWAY_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=: address,undefined or thread")
if(GATEWAY_SANITIZE)
  add_compile_options(-fsanitize=${GATEWAY_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GATEWAY_SANITIZE})
  if(GATEWAY_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan) # fences inside Asio, which the sanitizer does not model
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong -fcf-protection)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
