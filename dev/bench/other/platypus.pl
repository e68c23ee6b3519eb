# Perl FFI::Platypus: platypus.pl LIBRARY
use strict;
use warnings;
use FFI::Platypus 1.00;
use FFI::Platypus::Memory qw(malloc free);
use Time::HiRes qw(clock_gettime CLOCK_PROCESS_CPUTIME_ID);

package Two { use FFI::Platypus::Record; record_layout_1(double => 'x', double => 'y'); }
package Three { use FFI::Platypus::Record; record_layout_1(double => 'x', double => 'y', int => 'n'); }

package main;
my $ffi = FFI::Platypus->new(api => 1, lib => $ARGV[0]);
$ffi->type('record(Two)' => 'two');
$ffi->type('record(Three)' => 'three');
$ffi->type('(double,double)->double' => 'binary');
$ffi->attach(t_v => [] => 'void');
$ffi->attach(t_d => ['double'] => 'double');
$ffi->attach(t_dd => ['double', 'double'] => 'double');
$ffi->attach(t_d8 => [('double') x 8] => 'double');
$ffi->attach(t_i6 => [('int') x 6] => 'int');
$ffi->attach(t_Z => ['string'] => 'uint64');
$ffi->attach(t_out => ['int'] => 'string');
$ffi->attach(t_first => ['opaque'] => 'double');
$ffi->attach(t_two => ['two'] => 'two');
$ffi->attach(t_three => ['three'] => 'three');
$ffi->attach([t_var => 't_var'] => ['int'] => ['double', 'double'] => 'double');
$ffi->attach(t_drive => ['binary', 'int'] => 'double');
my $libc = FFI::Platypus->new(api => 1, lib => undef);
$libc->attach([qsort => 'c_qsort'] => ['opaque', 'size_t', 'size_t', '(opaque,opaque)->int'] => 'void');

my $text = 'a text of some length';
my $million = malloc(8_000_000);
my $two = Two->new(x => 1, y => 2);
my $three = Three->new(x => 1, y => 2, n => 3);
my $callback = $ffi->closure(sub { $_[0] - $_[1] });
my $compare = $libc->closure(sub { unpack('l', unpack('P4', pack('Q', $_[0]))) - unpack('l', unpack('P4', pack('Q', $_[1]))) });
srand(1);
my $numbers = pack('l*', map { int(rand(1 << 30)) } 1 .. 100_000);

my @cases = (
  [')v', sub { t_v() }], ['d)d', sub { t_d(1.5) }], ['dd)d', sub { t_dd(1.5, 2.5) }],
  ['8 doubles', sub { t_d8(1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5) }],
  ['iiiiii)i', sub { t_i6(1, 2, 3, 4, 5, 6) }], ['string in', sub { t_Z($text) }],
  ['string out', sub { t_out(1) }], ['1e6 doubles', sub { t_first($million) }],
  ['struct of 16', sub { t_two($two) }], ['struct of 24', sub { t_three($three) }],
  ['variadic', sub { t_var(2, 1.5, 2.5) }], ['callback dd)d', sub { t_drive($callback, 200) }, 200],
  ['qsort of 1e5', sub { my $copy = $numbers; c_qsort(unpack('Q', pack('P', $copy)), 100_000, 4, $compare) }],
  ['struct get', sub { $three->x }], ['struct set', sub { $three->x(1.5) }],
  ['allocation', sub { free(malloc(80)) }],
);

sub slice {
  my ($f, $n) = @_;
  my $from = clock_gettime(CLOCK_PROCESS_CPUTIME_ID);
  $f->() for 1 .. $n;
  return clock_gettime(CLOCK_PROCESS_CPUTIME_ID) - $from;
}

for my $case (@cases) {
  my ($name, $f, $units) = (@$case, 1);
  my $n = $name =~ /^qsort/ ? 1 : int(400 / $units);
  my $empty = $n > 1 ? (sort { $a <=> $b } map { slice(sub { }, $n) } 1 .. 101)[50] : 0;
  my @taken = sort { $a <=> $b } map { slice($f, $n) } 1 .. ($n > 1 ? 101 : 3);
  printf "%s\t%.2f\n", $name, 1e9 * ($taken[@taken / 2] - $empty) / $n / $units;
}
