//go:build !purego

#include "textflag.h"

// C = C + A·B by fused multiply-adds in ascending k: R0 is C, R1 walks along a row of A, R2 down the rows of B.

// func row64NEON(c, a, b unsafe.Pointer, csa, ldb, k int)
TEXT ·row64NEON(SB), NOSPLIT, $0-48
	MOVD c+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD csa+24(FP), R3
	MOVD ldb+32(FP), R4
	MOVD k+40(FP), R5
	VLD1 (R0), [V0.D2, V1.D2, V2.D2, V3.D2]

loop:
	VLD1R (R1), [V4.D2]
	VLD1  (R2), [V5.D2, V6.D2, V7.D2, V8.D2]
	VFMLA V4.D2, V5.D2, V0.D2
	VFMLA V4.D2, V6.D2, V1.D2
	VFMLA V4.D2, V7.D2, V2.D2
	VFMLA V4.D2, V8.D2, V3.D2
	ADD   R3, R1
	ADD   R4, R2
	SUBS  $1, R5
	BNE   loop
	VST1  [V0.D2, V1.D2, V2.D2, V3.D2], (R0)
	RET

// func row32NEON(c, a, b unsafe.Pointer, csa, ldb, k int)
TEXT ·row32NEON(SB), NOSPLIT, $0-48
	MOVD c+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD csa+24(FP), R3
	MOVD ldb+32(FP), R4
	MOVD k+40(FP), R5
	VLD1 (R0), [V0.S4, V1.S4, V2.S4, V3.S4]

loop:
	VLD1R (R1), [V4.S4]
	VLD1  (R2), [V5.S4, V6.S4, V7.S4, V8.S4]
	VFMLA V4.S4, V5.S4, V0.S4
	VFMLA V4.S4, V6.S4, V1.S4
	VFMLA V4.S4, V7.S4, V2.S4
	VFMLA V4.S4, V8.S4, V3.S4
	ADD   R3, R1
	ADD   R4, R2
	SUBS  $1, R5
	BNE   loop
	VST1  [V0.S4, V1.S4, V2.S4, V3.S4], (R0)
	RET

// func element64NEON(c, a, b unsafe.Pointer, csa, ldb, k int)
TEXT ·element64NEON(SB), NOSPLIT, $0-48
	MOVD c+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD csa+24(FP), R3
	MOVD ldb+32(FP), R4
	MOVD k+40(FP), R5
	FMOVD (R0), F0

loop:
	FMOVD (R1), F1
	FMOVD (R2), F2
	FMADDD F1, F0, F2, F0
	ADD    R3, R1
	ADD    R4, R2
	SUBS   $1, R5
	BNE    loop
	FMOVD F0, (R0)
	RET

// func element32NEON(c, a, b unsafe.Pointer, csa, ldb, k int)
TEXT ·element32NEON(SB), NOSPLIT, $0-48
	MOVD c+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD csa+24(FP), R3
	MOVD ldb+32(FP), R4
	MOVD k+40(FP), R5
	FMOVS (R0), F0

loop:
	FMOVS (R1), F1
	FMOVS (R2), F2
	FMADDS F1, F0, F2, F0
	ADD    R3, R1
	ADD    R4, R2
	SUBS   $1, R5
	BNE    loop
	FMOVS F0, (R0)
	RET
