# Ruby FFI: ruby.rb LIBRARY
require "ffi"

module Bench
  extend FFI::Library
  ffi_lib ARGV[0]
  class Two < FFI::Struct
    layout :x, :double, :y, :double
  end
  class Three < FFI::Struct
    layout :x, :double, :y, :double, :n, :int
  end
  callback :binary, %i[double double], :double
  attach_function :t_v, [], :void
  attach_function :t_d, [:double], :double
  attach_function :t_dd, %i[double double], :double
  attach_function :t_d8, [:double] * 8, :double
  attach_function :t_i6, [:int] * 6, :int
  attach_function :t_Z, [:string], :ulong_long
  attach_function :t_out, [:int], :string
  attach_function :t_first, [:pointer], :double
  attach_function :t_two, [Two.by_value], Two.by_value
  attach_function :t_three, [Three.by_value], Three.by_value
  attach_function :t_var, %i[int varargs], :double
  attach_function :t_drive, %i[binary int], :double
end

module C
  extend FFI::Library
  ffi_lib FFI::Library::LIBC
  callback :comparison, %i[pointer pointer], :int
  attach_function :qsort, %i[pointer size_t size_t comparison], :void
end

text = "a text of some length"
million = FFI::MemoryPointer.new(:double, 1_000_000)
two = Bench::Two.new
three = Bench::Three.new
callback = FFI::Function.new(:double, %i[double double]) { |a, b| a - b }
compare = FFI::Function.new(:int, %i[pointer pointer]) { |a, b| a.read_int - b.read_int }
random = Random.new(1)
numbers = Array.new(100_000) { random.rand(1 << 30) }

cases = {
  ")v" => -> { Bench.t_v }, "d)d" => -> { Bench.t_d(1.5) }, "dd)d" => -> { Bench.t_dd(1.5, 2.5) },
  "8 doubles" => -> { Bench.t_d8(1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5) },
  "iiiiii)i" => -> { Bench.t_i6(1, 2, 3, 4, 5, 6) }, "string in" => -> { Bench.t_Z(text) },
  "string out" => -> { Bench.t_out(1) }, "1e6 doubles" => -> { Bench.t_first(million) },
  "struct of 16" => -> { Bench.t_two(two) }, "struct of 24" => -> { Bench.t_three(three) },
  "variadic" => -> { Bench.t_var(2, :double, 1.5, :double, 2.5) },
  "callback dd)d" => [-> { Bench.t_drive(callback, 200) }, 200],
  "qsort of 1e5" => lambda {
    memory = FFI::MemoryPointer.new(:int, numbers.size)
    memory.write_array_of_int(numbers)
    C.qsort(memory, numbers.size, 4, compare)
  },
  "struct get" => -> { three[:x] }, "struct set" => -> { three[:x] = 1.5 },
  "allocation" => -> { FFI::MemoryPointer.new(:double, 10) }
}

def slice(f, n)
  from = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
  n.times { f.call }
  Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - from
end

nothing = -> {}
cases.each do |name, f|
  f, units = f.is_a?(Array) ? f : [f, 1]
  n = name.start_with?("qsort") ? 1 : 400 / units
  empty = n > 1 ? Array.new(101) { slice(nothing, n) }.sort[50] : 0
  taken = Array.new(n > 1 ? 101 : 3) { slice(f, n) }.sort
  printf("%s\t%.2f\n", name, 1e9 * (taken[taken.size / 2] - empty) / n / units)
end
