# What `./dev test` runs; sourced by ./dev. The rounds:
#   plain   every suite, gcc
#   asan    every suite under ASan and UBSan, clang; but for the suites install, abi and docs,
#           which are no matter of it, once, whose tests do much that others do as well, and
#           crash: both the sanitizer and cruet want to be told of fatal signals
#   tsan    what runs on several threads, under TSan
#   memory  the suites unit and app under valgrind, but for the suites kernel, which needs
#           system calls that valgrind does not know, and long
#   fuzz    each fuzz target for some seconds, of the build of asan
# Warnings are errors of both compilers. Tests mostly wait: so what the next round needs is built
# while one runs.
# --quick is the plain round alone. A NAME is a suite or a test of the plain round.
# With --transport event all servers use it, but for the suite civetweb, which is left out.

fuzz_seconds=3
tests_at_once=$((3 * $(nproc))) # most of them wait
total_pass=0 total_fail=0 failed=

passed() { total_pass=$((total_pass + $1)); }
fails() { # N WHAT
	total_fail=$((total_fail + $1))
	failed="$failed $2"
}

figure() { # LOG KIND: how many tests of a kind a log of meson counts
	sed -n "s/^$2: *\([0-9][0-9]*\).*/\1/p" "$1" | tail -n 1
}

count() { # NAME LOG CODE: adds the figures of a round to the totals
	ok=$(figure "$2" Ok) bad=$(figure "$2" Fail) slow=$(figure "$2" Timeout)
	skipped=$(figure "$2" Skipped)
	bad=$((${bad:-0} + ${slow:-0}))
	passed "${ok:-0}"
	if [ $bad != 0 ]; then
		fails $bad "$1"
	elif [ "$3" != 0 ] || [ "${ok:-0}" = 0 ]; then
		fails 1 "$1" # it broke off, or there was nothing to run
	fi
	say "   ${ok:-0} passed, $bad failed$([ "${skipped:-0}" = 0 ] || echo ", $skipped skipped")"
}

round() { # NAME BUILD-FOLDER [meson test argument...]
	name=$1 dir=$2
	shift 2
	say "== $name${transport:+, transport $transport}"
	transport_env
	[ "${transport:-civetweb}" = civetweb ] || set -- "$@" --no-suite civetweb
	code=0
	meson test -C "$dir" --num-processes "$tests_at_once" --print-errorlogs "$@" >"$dir/round.log" 2>&1 || code=$?
	[ $code = 0 ] || cat "$dir/round.log" >&2
	count "$name" "$dir/round.log" $code
}

# --- rounds -----------------------------------------------------------------------

# Builds with a sanitizer are made once and run once: not optimized, and with as much of debug
# information as reports name, lines and functions, they take a third of the time to make.
quick_to_build='-Db_lundef=false -Doptimization=0 -Ddebug=false'

# The build of the round asan, with the fuzz targets.
build_asan() {
	(
		export CC=clang CC_LD=lld
		# shellcheck disable=SC2086 # a list
		configure "$build-asan" -Dfuzz=true $quick_to_build -Dc_args=-gline-tables-only \
			-Db_sanitize=address,undefined && compile "$build-asan"
	)
}

# What the suite needs, no more: meson builds that when it is told to test, which is true here.
# Without optimizing, gcc cannot tell what has been set: that is judged in the first round.
build_tsan() {
	# shellcheck disable=SC2086 # a list
	configure "$build-tsan" $quick_to_build "-Dc_args=-g1 -Wno-maybe-uninitialized" \
		-Db_sanitize=thread &&
		quietly "$build-tsan/build.log" meson test -C "$build-tsan" --suite threads --wrap true
}

# A build that fails is a round that failed.
built() { # NAME PROCESS: that builds
	say "== $1: building"
	wait "$2" || {
		fails 1 "$1"
		return 1
	}
}

asan() {
	round asan "$build-asan" -t 4 --no-suite install --no-suite crash --no-suite abi --no-suite docs \
		--no-suite once
}

tsan() {
	round tsan "$build-tsan" -t 4 --suite threads
}

# Tests have an allocator of their own that fails on purpose; valgrind leaves it alone. All tests
# of a program run in one process, which is looked through once, at its end.
memory() {
	CK_FORK=no round memory "$build" -t 10 --suite unit --suite app --no-suite kernel \
		--no-suite long \
		--wrap "valgrind --quiet --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=definite --soname-synonyms=somalloc=nouserintercepts"
}

# --- fuzzing ----------------------------------------------------------------------

fuzz_names() { ls "$top/tests/fuzz/seeds"; }

fuzz_one() { # NAME SECONDS, once built: what breaks it stays in the working directory
	work=$(mktemp -d)
	code=0
	"$build-asan/tests/fuzz/fuzz_$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 \
		-verbosity=0 -print_final_stats=1 -artifact_prefix="fuzz-$1-" \
		"$work" "$top/tests/fuzz/seeds/$1" >"$work/log" 2>&1 || code=$?
	if [ $code = 0 ]; then
		sed -n "s/^stat::number_of_executed_units: */   $1: runs /p" "$work/log" >&2
	else
		cat "$work/log" >&2
	fi
	rm -rf "$work"
	return $code
}

fuzz() { # [NAME [SECONDS]]
	names=$(fuzz_names | tr '\n' ' ')
	[ $# -gt 0 ] || misused "usage: ./dev fuzz NAME [SECONDS]; names: $names"
	[ -d "$top/tests/fuzz/seeds/$1" ] || misused "fuzz: '$1': expected one of $names"
	# shellcheck disable=SC2086
	need $base_packages $test_packages
	build_asan || die "the build in $build-asan failed"
	say "fuzzing $1 for ${2:-60} s"
	fuzz_one "$1" "${2:-60}"
}

fuzz_ended() { # NAME PROCESS
	if wait "$2"; then passed 1; else fails 1 "fuzz:$1"; fi
}

# Two at a time.
fuzz_all() {
	say "== fuzz, $fuzz_seconds s each"
	# shellcheck disable=SC2046
	set -- $(fuzz_names)
	while [ $# -gt 0 ]; do
		fuzz_one "$1" $fuzz_seconds &
		one=$!
		if [ $# -gt 1 ]; then
			fuzz_one "$2" $fuzz_seconds &
			fuzz_ended "$2" $!
		fi
		fuzz_ended "$1" $one
		shift $(($# > 1 ? 2 : 1))
	done
}

# --- the whole ----------------------------------------------------------------------

some() { # NAME...: suites, or tests by their name
	build_all
	all=$(meson test -C "$build" --no-rebuild --list 2>/dev/null)
	for name in "$@"; do
		if printf '%s\n' "$all" | sed 's/ \/ .*//; s/^[^:]*://' | tr '+' '\n' |
			grep -qFx "$name"; then
			round "$name" "$build" --suite "$name"
		elif printf '%s\n' "$all" | sed 's/.* \/ //' | grep -qFx "$name"; then
			round "$name" "$build" "$name"
		else
			misused "test: '$name': expected a suite or a test; see meson test -C $build --list"
		fi
	done
}

run_tests() {
	export ASAN_OPTIONS=detect_leaks=1 TSAN_OPTIONS=halt_on_error=1 \
		UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	if [ "${1:-}" = --transport ]; then
		take_transport "${2:-}"
		shift 2
	fi
	case "${1:-}" in
	--quick) build_all && round plain "$build" ;;
	--*) misused "usage: ./dev test [--transport NAME] [--quick | NAME...]" ;;
	'')
		build_all
		build_asan &
		asan_builder=$!
		round plain "$build"
		if built asan $asan_builder; then
			build_tsan &
			tsan_builder=$!
			asan
			fuzz_all
			built tsan $tsan_builder && tsan
		fi
		memory
		;;
	*) some "$@" ;;
	esac
	[ -z "$failed" ] || say "failed:$failed"
	echo "$total_pass passed, $total_fail failed"
	[ $total_fail = 0 ]
}
