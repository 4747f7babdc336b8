// Command gen writes the assembly of package tensor/internal/kernel. It is a module of its own, so that its dependency
// (avo) is none of the program's. Run "go generate ./tensor/internal/kernel"; the output is committed.
package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	what := flag.String("what", "", "gemm, math, transpose, arith or planes")
	flag.Parse()
	ConstraintExpr("!purego")
	switch *what {
	case "gemm":
		for _, f := range []family{avx512f64, avx512f32, avx2f64, avx2f32} {
			f.generate()
		}
	case "math":
		generateMath()
	case "arith":
		generateArith()
	case "planes":
		generatePlanes()
	case "transpose":
		generateTranspose()
	}
	Generate()
}
