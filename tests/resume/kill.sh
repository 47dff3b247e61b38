#!/usr/bin/env bash
# A run that is killed at any moment and taken up again ends with the same bits as one that is left alone, and never
# with a damaged checkpoint: kill.sh ELBO SCRIPT, where the script keeps a checkpoint `bars.npz`.
set -u
elbo=$1
script=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/whole" "$folder/killed"
fail() { echo "kill.sh: $*" >&2; exit 1; }

cd "$folder/whole" || exit 1
"$elbo" run --quiet "$script" >out || fail "the run that is left alone ended with $?"
grep -q 'learned true' out || fail "nothing was learned: $(cat out)"
grep -q 'bars true' out || fail "the model does not draw what it has seen: $(cat out)"

cd "$folder/killed" || exit 1
RANDOM=7
kills=0
while [ "$kills" -lt 20 ]; do
  "$elbo" run --quiet --resume "$script" >out 2>err &
  run=$!
  sleep "0.$(printf '%03d' $((RANDOM % 400 + 30)))"
  if kill -9 "$run" 2>/dev/null; then
    wait "$run" 2>/dev/null
    kills=$((kills + 1))
  else
    wait "$run" || fail "a run that was taken up ended with $?: $(cat err)"
    rm -f bars.npz # it was over: from the start again
  fi
done
"$elbo" run --quiet --resume "$script" >out 2>err || fail "the last run ended with $?: $(cat err)"
cmp -s out ../whole/out || fail "other numbers: $(cat out) instead of $(cat ../whole/out)"
# The file belongs to this run alone, finished or not.
sed 's/dense(x, 64)/dense(x, 65)/; s/dense(z, 64)/dense(z, 65)/' "$script" >other.elbo
"$elbo" run --quiet --resume other.elbo >out 2>err && fail "a run with other weights was taken for the one that was stored"
grep -q 'fit-mismatch' err || fail "another message than expected: $(cat err)"
sed 's/seed = 4/seed = 5/' "$script" >other.elbo
"$elbo" run --quiet --resume other.elbo >out 2>err && fail "a run with another seed was taken for the one that was stored"
grep -q 'checkpoint-mismatch' err || fail "another message than expected: $(cat err)"

echo "killed $kills times; the same numbers: $(tail -1 ../whole/out)"
