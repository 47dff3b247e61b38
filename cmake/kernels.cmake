# The kernels are one source compiled once per instruction set into tables of plain function pointers; the table is
# chosen when the program starts (runtime/kernels/README.md). No flag here may change a result: contraction into
# fused multiply-adds stays off, so every table gives the same bits.
set(kernel_flags -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math)
function(elbo_kernel_variant name)
  add_library(elbo_kernels_${name} OBJECT runtime/kernels/variants/vector_kernels.cpp
                                          runtime/kernels/variants/product_kernels.cpp)
  target_link_libraries(elbo_kernels_${name} PRIVATE elbo_options)
  target_compile_options(elbo_kernels_${name} PRIVATE ${kernel_flags} ${ARGN})
  target_compile_definitions(elbo_kernels_${name} PRIVATE ELBO_KERNEL_VARIANT=${name})
  # Eigen is a library of templates: under one name, all variants would be the same functions to the linker.
  set_source_files_properties(runtime/kernels/variants/product_kernels.cpp PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
  target_compile_definitions(elbo_kernels_${name} PRIVATE Eigen=Eigen_${name})
  target_link_libraries(elbo_kernels_${name} PRIVATE Eigen3::Eigen)
  target_sources(elbo_runtime PRIVATE $<TARGET_OBJECTS:elbo_kernels_${name}>)
endfunction()

elbo_kernel_variant(base)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  elbo_kernel_variant(v3 -march=x86-64-v3)
  elbo_kernel_variant(v4 -march=x86-64-v4 -mprefer-vector-width=512)
  target_compile_definitions(elbo_runtime PRIVATE ELBO_X86_KERNELS)
endif()

# The kernels that are compiled once keep contraction off as well: on processors whose plain instruction set has a
# fused multiply-add, compilers would otherwise use it.
file(GLOB shared_kernels CONFIGURE_DEPENDS runtime/kernels/*.cpp)
set_source_files_properties(${shared_kernels} PROPERTIES COMPILE_OPTIONS -ffp-contract=off)
