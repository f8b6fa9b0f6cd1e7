# What `./dev test` runs; sourced by ./dev. The rounds:
#   plain   every suite, gcc
#   asan    every suite under ASan and UBSan
#   tsan    what runs on several threads, under TSan
#   memory  the suites unit and app under valgrind, but for the suite kernel, which needs
#           system calls that valgrind does not know
#   clang   builds with clang, warnings as errors; then each fuzz target for some seconds
# --quick is the plain round alone. A NAME is a suite or a test of the plain round.
# With --transport event all servers use it, but for the suite civetweb, which is left out.

fuzz_seconds=5
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
	meson test -C "$dir" --no-rebuild --print-errorlogs "$@" >"$dir/round.log" 2>&1 || code=$?
	[ $code = 0 ] || cat "$dir/round.log" >&2
	count "$name" "$dir/round.log" $code
}

# --- rounds -----------------------------------------------------------------------

plain() {
	build_all
	round plain "$build"
}

# Builds for a round; a build that fails is a round that failed.
built() { # NAME FOLDER [MESON OPTION...]
	name=$1
	shift
	say "== $name: building"
	configure "$@" && compile "$1" && return
	fails 1 "$name"
	return 1
}

asan() {
	built asan "$build-asan" -Db_sanitize=address,undefined -Db_lundef=false || return 0
	round asan "$build-asan" -t 4 --no-suite install
}

tsan() {
	built tsan "$build-tsan" -Db_sanitize=thread -Db_lundef=false || return 0
	round tsan "$build-tsan" -t 4 --suite threads
}

# Tests have an allocator of their own that fails on purpose; valgrind leaves it alone.
memory() {
	round memory "$build" -t 10 --suite unit --suite app --no-suite kernel \
		--wrap "valgrind --quiet --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=definite --soname-synonyms=somalloc=nouserintercepts"
}

# clang builds all there is, and the fuzz targets.
build_fuzz() {
	(
		export CC=clang
		built clang "$build-fuzz" -Dfuzz=true -Db_lundef=false \
			-Db_sanitize=address,undefined
	)
}

clang() {
	build_fuzz || {
		fails 1 clang
		return 0
	}
	passed 1
	for name in $(fuzz_names); do
		say "== fuzz $name, $fuzz_seconds s"
		if fuzz_one "$name" $fuzz_seconds; then passed 1; else fails 1 "fuzz:$name"; fi
	done
}

# --- fuzzing ----------------------------------------------------------------------

fuzz_names() { ls "$top/tests/fuzz/seeds"; }

fuzz_one() { # NAME SECONDS, once built: what breaks it stays in the working directory
	work=$(mktemp -d)
	code=0
	"$build-fuzz/tests/fuzz/fuzz_$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 \
		-verbosity=0 -print_final_stats=1 -artifact_prefix="fuzz-$1-" \
		"$work" "$top/tests/fuzz/seeds/$1" >"$work/log" 2>&1 || code=$?
	if [ $code = 0 ]; then
		sed -n 's/^stat::number_of_executed_units: */   runs: /p' "$work/log" >&2
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
	build_fuzz || die "the build in $build-fuzz failed"
	say "fuzzing $1 for ${2:-60} s"
	fuzz_one "$1" "${2:-60}"
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
	--quick) plain ;;
	--*) misused "usage: ./dev test [--transport NAME] [--quick | NAME...]" ;;
	'')
		plain
		asan
		tsan
		memory
		clang
		;;
	*) some "$@" ;;
	esac
	[ -z "$failed" ] || say "failed:$failed"
	echo "$total_pass passed, $total_fail failed"
	[ $total_fail = 0 ]
}
