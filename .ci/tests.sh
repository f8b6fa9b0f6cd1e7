# What `./dev test` runs; sourced by ./dev. The rounds:
#   plain   every suite, gcc
#   asan    every suite under ASan and UBSan
#   tsan    what runs on several threads, under TSan
#   memory  unit and application suites under valgrind
#   clang   builds with clang, warnings as errors; fuzz targets for some seconds
# --quick is the plain round alone. A NAME is a suite of the plain round.

round() { # NAME BUILD-DIR [meson test argument...]
	name=$1 dir=$2
	shift 2
	say "== $name"
	ninja -C "$dir" --quiet >&2 || ninja -C "$dir" >&2 || exit 1
	if meson test -C "$dir" --no-rebuild --print-errorlogs "$@" >"$dir/round.log" 2>&1; then
		:
	else
		cat "$dir/round.log"
		failed="$failed $name"
	fi
	count "$dir/round.log"
}

count() { # adds the figures of a log to the totals
	p=$(sed -n 's/^Ok: *\([0-9]*\).*/\1/p' "$1" | tail -n 1)
	f=$(sed -n 's/^\(Fail\|Timeout\|Unexpected Pass\): *\([0-9]*\).*/\2/p' "$1" | paste -sd+ - | bc_sum)
	say "   $(basename "$1" .log): ${p:-0} passed, ${f:-0} failed"
	total_pass=$((total_pass + ${p:-0}))
	total_fail=$((total_fail + ${f:-0}))
}

bc_sum() { # "1+2+3" on standard input
	read -r sum || sum=0
	echo $((${sum:-0}))
}

fuzz_one() { # NAME SECONDS
	need $base_packages $test_packages
	dir=$build-fuzz
	CC=clang configure "$dir" -Dfuzz=true -Dtests=false -Db_lundef=false -Db_sanitize=address,undefined
	seeds=$top/tests/fuzz/seeds/$1
	[ -d "$seeds" ] || { say "fuzz: '$1': expected one of $(ls tests/fuzz/seeds | tr '\n' ' ')"; exit 2; }
	ninja -C "$dir" --quiet "tests/fuzz/fuzz_$1" >&2 || exit 1
	work=$(mktemp -d)
	code=0
	"$dir/tests/fuzz/fuzz_$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 \
		-verbosity=0 -print_final_stats=1 -artifact_prefix="$dir/" "$work" "$seeds" >"$work.log" 2>&1 || code=$?
	if [ $code != 0 ]; then
		cat "$work.log"
	else
		sed -n 's/^stat::number_of_executed_units: */   runs: /p' "$work.log" >&2
	fi
	rm -rf "$work" "$work.log"
	return $code
}

run_tests() {
	total_pass=0 total_fail=0 failed=
	need $base_packages $test_packages
	configure "$build"
	case "${1:-}" in
	--quick)
		round plain "$build"
		;;
	'')
		round plain "$build"
		configure "$build-asan" -Db_sanitize=address,undefined -Db_lundef=false
		ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
			round asan "$build-asan" -t 4 --no-suite bench
		configure "$build-tsan" -Db_sanitize=thread -Db_lundef=false
		TSAN_OPTIONS=halt_on_error=1 round tsan "$build-tsan" -t 4 --suite threads
		round memory "$build" -t 10 --suite unit --suite app \
			--wrap 'valgrind --quiet --soname-synonyms=somalloc=nouserintercepts --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --trace-children=no'
		say "== clang"
		CC=clang configure "$build-clang"
		if ninja -C "$build-clang" --quiet >&2; then
			total_pass=$((total_pass + 1))
		else
			total_fail=$((total_fail + 1)) failed="$failed clang"
		fi
		for name in $(ls "$top/tests/fuzz/seeds"); do
			say "== fuzz $name"
			if fuzz_one "$name" 5; then
				total_pass=$((total_pass + 1))
			else
				total_fail=$((total_fail + 1)) failed="$failed fuzz:$name"
			fi
		done
		;;
	*)
		round "$*" "$build" "$@"
		;;
	esac
	[ -z "$failed" ] || say "failed:$failed"
	echo "$total_pass passed, $total_fail failed"
	[ "$total_fail" = 0 ] && [ -z "$failed" ] && [ "$total_pass" -gt 0 ]
}
