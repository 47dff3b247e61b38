# The golden scripts: one test per folder of scripts, each run by the program itself (golden/runner/main.cpp).
file(GLOB runner_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/golden/runner/*.cpp)
list(FILTER runner_sources EXCLUDE REGEX "/main\\.cpp$")
add_library(elbo_golden_runner STATIC ${runner_sources})
target_link_libraries(elbo_golden_runner PUBLIC elbo_options Threads::Threads)
add_executable(elbo_golden golden/runner/main.cpp)
target_link_libraries(elbo_golden PRIVATE elbo_golden_runner)

# Sessions at the prompt, typed and piped.
add_library(elbo_golden_screen STATIC golden/terminal/screen.cpp golden/terminal/pseudo_terminal.cpp)
target_link_libraries(elbo_golden_screen PUBLIC elbo_options)
add_executable(elbo_golden_terminal golden/terminal/main.cpp)
target_link_libraries(elbo_golden_terminal PRIVATE elbo_golden_runner elbo_golden_screen)
add_test(NAME golden_repl COMMAND elbo_golden_terminal --elbo $<TARGET_FILE:elbo> ${CMAKE_CURRENT_SOURCE_DIR}/golden/repl)
set_tests_properties(golden_repl PROPERTIES TIMEOUT 1500)

elbo_tests(golden_runner elbo_golden_runner elbo_golden_screen)

# elbo_golden_test(name folder): a folder without scripts fails.
function(elbo_golden_test name folder)
  add_test(NAME ${name} COMMAND elbo_golden --elbo $<TARGET_FILE:elbo> ${folder})
  set_tests_properties(${name} PROPERTIES TIMEOUT 1500)
endfunction()

elbo_golden_test(golden_language ${CMAKE_CURRENT_SOURCE_DIR}/golden/language)
elbo_golden_test(golden_commands ${CMAKE_CURRENT_SOURCE_DIR}/golden/commands)
elbo_golden_test(golden_inference ${CMAKE_CURRENT_SOURCE_DIR}/golden/inference)
elbo_golden_test(golden_errors ${CMAKE_CURRENT_SOURCE_DIR}/golden/errors)
elbo_golden_test(examples ${CMAKE_SOURCE_DIR}/examples)
