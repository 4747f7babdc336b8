"""What PyTorch computes with, as one line of JSON: its libraries of products and convolutions, and Python."""
import ctypes, json, os, platform, re, torch

torch.ones(64, 64) @ torch.ones(64, 64)  # loads the library
shown = torch.__config__.show()
onednn = re.search(r"MKL-DNN (v[\d.]+)", shown)
found = re.search(r"BLAS_INFO=(\w+)", shown)
blas = found.group(1) if found else "unknown BLAS"
with open("/proc/self/maps") as maps:
    files = sorted({line.split()[-1] for line in maps if re.search(r"/lib(open)?blas[^/]*\.so", line)})
for file in files:
    try:
        config = ctypes.CDLL(file).openblas_get_config
    except (OSError, AttributeError):
        continue
    config.restype = ctypes.c_char_p
    blas = config().decode()  # with the type of core whose kernels it has chosen
    break
told = [k + "=" + v for k, v in sorted(os.environ.items()) if k.startswith(("OPENBLAS_", "MKL_", "DNNL_", "ONEDNN_"))]
if told:
    blas += " (" + ", ".join(told) + ")"
print(json.dumps({"python": platform.python_version(), "torch_blas": blas, "onednn": onednn.group(1) if onednn else ""}))
