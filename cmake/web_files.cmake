# gateway_web_files(<library> <folder>): a library that holds every file of `folder` as it is on disk, for src/app/web_files.h.
# A folder that is missing or empty gives an empty list: the binary then says how to make it.
function(gateway_web_files library folder)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${library}.cpp)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
  set(plain ${files})
  list(FILTER plain EXCLUDE REGEX "\\.gz$")

  set(content "#include \"app/web_files.h\"\n\n")
  set(rows "")
  set(number 0)
  foreach(file IN LISTS plain)
    file(RELATIVE_PATH path ${folder} ${file})
    _embed(content file_${number} ${file})
    set(squeezed "{}")
    if("${file}.gz" IN_LIST files)
      _embed(content file_${number}_gz ${file}.gz)
      set(squeezed "{web_file_${number}_gz, web_file_${number}_gz_end}")
    endif()
    string(APPEND rows "    {\"${path}\", {web_file_${number}, web_file_${number}_end}, ${squeezed}},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  string(APPEND content "\nnamespace app {\n\nstd::vector<WebFile> web_files() {\n  return {\n${rows}  };\n}\n\n}  // namespace app\n")

  file(CONFIGURE OUTPUT ${source} CONTENT "${content}" @ONLY)
  add_library(${library} STATIC ${source})
  target_include_directories(${library} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${files}")
endfunction()

# The assembler reads the file; the two symbols are its first byte and the one behind its last.
function(_embed out name file)
  set(symbol web_${name})
  string(APPEND ${out}
    "asm(\".pushsection .rodata\\n.global ${symbol}\\n.global ${symbol}_end\\n\"\n"
    "    \"${symbol}:\\n.incbin \\\"${file}\\\"\\n${symbol}_end:\\n.popsection\\n\");\n"
    "extern \"C\" const char ${symbol}[], ${symbol}_end[];\n")
  set(${out} "${${out}}" PARENT_SCOPE)
endfunction()
