# gateway_embed(<target> <file> <name>): makes a text file includable by the target's sources, as a string literal:
#   constexpr std::string_view text =
#   #include "<name>"
#   ;
# <name> is a path from src/, as of any header; the file itself lies in the build folder.
function(gateway_embed target file name)
  set(folder ${PROJECT_BINARY_DIR}/embedded/${target})
  file(READ ${file} text)
  file(CONFIGURE OUTPUT ${folder}/${name} CONTENT "R\"embedded(@text@)embedded\"\n" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  target_include_directories(${target} PRIVATE ${folder})
endfunction()
