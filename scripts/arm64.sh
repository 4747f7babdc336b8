#!/bin/sh
# The same bits on arm64: retrodict is built for arm64 and for this machine, both train the same networks, and the hashes
# of all parameters must be equal; so must the results and derivatives of all elementary functions. An emulator runs the arm64 one; without it the comparison is skipped.
# QEMU is the emulator, GO the compiler.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
emulator=
for q in "${QEMU:-qemu-aarch64}" qemu-aarch64-static; do
  if command -v "$q" >/dev/null; then
    emulator=$q
    break
  fi
done
if [ "$(uname -m)" = aarch64 ]; then
  echo "arm64: skipped: this machine is one; run it on amd64"
  exit 0
elif [ -z "$emulator" ]; then
  echo "arm64: skipped: no qemu-aarch64 (Debian: apt-get install --no-install-recommends qemu-user)"
  exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
CGO_ENABLED=0 "$go" build -o "$dir/here" ./cmd/retrodict
CGO_ENABLED=0 GOOS=linux GOARCH=arm64 "$go" build -o "$dir/arm64" ./cmd/retrodict

# hash prints the hash of the parameters in the JSON of a run.
hash() { sed -n 's/^ *"hash": *"\([0-9a-f]*\)".*/\1/p'; }

failed=0
# compare NAME SETTING… trains a network on both for an epoch.
compare() {
  name=$1
  shift
  set -- learning.epochs=1 compare.contrast=false record.plots=false "$@"
  for s; do
    set -- "$@" --set "$s"
    shift
  done
  set -- run --json --out "$dir/runs" "$@"
  a=$("$dir/here" "$@" | hash)
  b=$("$emulator" "$dir/arm64" "$@" | hash)
  verdict=equal
  if [ -z "$a" ] || [ "$a" != "$b" ]; then
    verdict=DIFFERENT
    failed=1
  fi
  printf '%-22s %-24.24s %-24.24s %s\n' "$name" "$a" "$b" "$verdict"
}

printf '%-22s %-24s %-24s\n' 'parameters after' "$(uname -m)" arm64
compare 'digits' learning.epochs=3
compare 'digits, f32' learning.epochs=3 dtype=f32
compare 'gelu, he, adam' network.grain=layer network.activation=gelu network.init.rule=he learning.plasticity.rule=adam learning.plasticity.rate=0.001
compare 'gelu, he, adam, f32' network.grain=layer network.activation=gelu network.init.rule=he learning.plasticity.rule=adam learning.plasticity.rate=0.001 dtype=f32
compare 'inference learning' network.grain=layer time.engine=pc learning.schedule=il data.limit=400
compare 'cnn, silu' network.arch=cnn network.activation=silu data.limit=60
compare 'cnn, f32' network.arch=cnn data.limit=60 dtype=f32
compare 'resnet18' network.arch=resnet18 network.width=4 network.init.rule=he data.limit=60
compare 'resnet18, f32' network.arch=resnet18 network.width=4 network.init.rule=he data.limit=60 dtype=f32
compare 'transformer' network.arch=transformer network.steps=8 network.width=8 network.classes=10 data.limit=200
compare 'transformer, f32' network.arch=transformer network.steps=8 network.width=8 network.classes=10 data.limit=200 dtype=f32
compare 'sine' data.set=sine learning.loss=half-squared-error
compare 'virtual time' time.engine=sim data.limit=200

# digests runs the test that logs the hash of every elementary function's bits.
digests() { "$go" test -count=1 -v -run '^TestDigests$' "$@" ./op/optest | sed -n 's/.*\(digest .*\)/\1/p'; }

digests >"$dir/here.txt"
CGO_ENABLED=0 GOOS=linux GOARCH=arm64 digests -exec "$emulator" >"$dir/arm64.txt"
if [ -s "$dir/here.txt" ] && diff "$dir/here.txt" "$dir/arm64.txt"; then
  echo "elementary functions: all $(wc -l <"$dir/here.txt") results and derivatives are equal"
else
  echo "elementary functions: results that differ are listed above"
  failed=1
fi
exit $failed
