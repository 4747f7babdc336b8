#!/bin/sh
# Gradients of models exported by PyTorch against its autograd, see README.md. Arguments: names of models; none: all.
# RETRODICT is the binary (default bin/retrodict of this repository), PYTHON the interpreter that has torch.
set -eu
cd "$(dirname "$0")/../.."
retrodict=${RETRODICT:-bin/retrodict}
for p in ${PYTHON:-python3 /usr/bin/python3}; do
  if "$p" -c 'import numpy, torch, torchvision' 2>/dev/null; then
    exec "$p" experiments/torch-parity/parity.py --retrodict "$retrodict" "$@"
  fi
done
echo "torch-parity: skipped: no Python with numpy, torch and torchvision (Debian: apt-get install --no-install-recommends python3-torch python3-torchvision)"
