#include "textflag.h"

// The program of a trapped stub, which is copied out of here: it runs at another
// address, so it may refer to nothing but itself and its context, whose address
// is fixed. What a program has left in the registers counts for nothing: after
// each system call, and at the beginning of the handler, they are loaded anew.
//
// Its turn is when the first word of the context is odd: see turn in
// context_linux_amd64.go, where the other offsets are explained too.

#define CONTEXT $0x600000010000
#define TURN 0
#define OP 4
#define SPIN 8
#define LEFT 12
#define FRAME 16
#define NEXT 24
#define KIND 32
#define PENDING 36
#define FPAREA 40
#define FPMASK 48
#define WATCH 200

// The clock's page, and what is where in it: see clock_linux_amd64.go.
#define CLOCK $0x600000020000
#define SEQ 0
#define SINCE 8
#define SPAN 16
#define SCALE 24
#define WALL 32
#define TICKS 40
#define HZ 48
#define STEADY 56

// The stub's page, and in it what the handler has to know: resume and slow, and how
// long what follows them is at most.
#define STUB $0x600000000000
#define RESUME $0x180
#define RESUMELEN $0x180
#define SLOW $0x300
#define SLOWLEN $0x200

// What we refer to is at the places that context_linux_amd64.go names.
TEXT ·stub(SB),NOSPLIT|NOFRAME,$0
	JMP	start
	PCALIGN	$32
	JMP	handler
	PCALIGN	$32
	JMP	light
	PCALIGN	$32
	JMP	clock
	PCALIGN	$32

	// Go on with the program, in one of two ways: by rt_sigreturn, or, after
	// light, by putting back the registers. If a kick comes on the way it begins
	// again, and sees that.
resume:
	MOVQ	CONTEXT, BX
	CMPL	PENDING(BX), $0
	JNE	kicked
	CMPL	OP(BX), $2
	JEQ	registers
	MOVQ	FRAME(BX), SP
	MOVL	$15, AX
	SYSCALL
	JMP	wait
registers:
	MOVQ	64(GS), AX
	MOVQ	72(GS), BX
	MOVQ	80(GS), CX
	MOVQ	88(GS), DX
	MOVQ	96(GS), SI
	MOVQ	104(GS), DI
	MOVQ	112(GS), BP
	MOVQ	120(GS), R8
	MOVQ	128(GS), R9
	MOVQ	136(GS), R10
	MOVQ	144(GS), R11
	MOVQ	152(GS), R12
	MOVQ	160(GS), R13
	MOVQ	168(GS), R14
	MOVQ	176(GS), R15
	MOVQ	192(GS), SP
	JMP	184(GS)
	PCALIGN	$512

	// The program has called us to read a clock, but it takes the system call.
	// Here the handler sends who gets a signal between this line and kicked.
slow:
	MOVQ	64(GS), AX
	MOVQ	72(GS), BX
	MOVQ	80(GS), CX
	MOVQ	88(GS), DX
	MOVQ	96(GS), SI
	MOVQ	104(GS), DI
	JMP	light

	// Its arguments are descriptor, buffer, length and offset. The numbers in the
	// page are only good if nobody has changed them meanwhile: then the system
	// call writes over what we have written.
read:
	CMPL	PENDING(GS), $0
	JNE	slow
	MOVL	WATCH(GS), CX
	TESTL	CX, CX
	JEQ	slow
	MOVL	16(SP), AX
	INCL	AX
	CMPL	AX, CX
	JNE	slow
	CMPQ	40(SP), $0
	JNE	slow
	MOVQ	24(SP), DI
	MOVQ	CLOCK, SI
	MOVL	SEQ(SI), BX
	TESTL	$1, BX
	JNE	slow
	LFENCE
	RDTSC
	LFENCE
	SHLQ	$32, DX
	ORQ	DX, AX
	SUBQ	SINCE(SI), AX
	CMPQ	AX, SPAN(SI)
	JCC	slow
	MULQ	SCALE(SI)
	SHRQ	$32, DX, AX
	MOVQ	WALL(SI), DX
	ADDQ	AX, DX
	BSWAPQ	DX
	MOVL	32(SP), CX
	CMPL	CX, $8
	JEQ	one
	CMPL	CX, $32
	JNE	slow
	MOVQ	STEADY(SI), CX
	ADDQ	AX, CX
	BSWAPQ	CX
	MOVQ	CX, 24(DI)
	MOVQ	TICKS(SI), CX
	ADDQ	AX, CX
	BSWAPQ	CX
	MOVQ	CX, 8(DI)
	MOVQ	HZ(SI), CX
	BSWAPQ	CX
	MOVQ	CX, 16(DI)
one:
	MOVQ	DX, 0(DI)
	CMPL	BX, SEQ(SI)
	JNE	slow
	MOVL	32(SP), AX
	MOVQ	72(GS), BX
	MOVQ	80(GS), CX
	MOVQ	88(GS), DX
	MOVQ	96(GS), SI
	MOVQ	104(GS), DI
	RET
	PCALIGN	$1024

kicked:
	MOVL	$0, PENDING(BX)
	MOVL	$2, KIND(BX)
	JMP	give

	// The context is descriptor 1: mmap it, for reading and writing, shared.
start:
	MOVL	$0x2b, AX // what programs of 32 bits have for data
	MOVW	AX, DS
	MOVW	AX, ES
	MOVQ	CONTEXT, DI
	MOVL	$0x10000, SI
	MOVL	$3, DX
	MOVL	$0x11, R10
	MOVL	$1, R8
	XORL	R9, R9
	MOVL	$9, AX
	SYSCALL

	// Wait for our turn: a while awake, then asleep, in futex.
wait:
	MOVQ	CONTEXT, BX
	MOVL	SPIN(BX), CX
awake:
	TESTL	$1, TURN(BX)
	JNE	ours
	PAUSE
	DECL	CX
	JGT	awake
	XORL	AX, AX
	MOVL	$2, DX
	LOCK
	CMPXCHGL	DX, TURN(BX)
asleep:
	TESTL	$1, TURN(BX)
	JNE	ours
	MOVQ	BX, DI
	XORL	SI, SI
	MOVL	$2, DX
	XORL	R10, R10
	MOVL	$202, AX
	SYSCALL
	MOVQ	CONTEXT, BX
	JMP	asleep

ours:
	CMPL	OP(BX), $1
	JEQ	call
	CMPL	OP(BX), $3
	JNE	resume

	// Store the floating point registers.
	MOVQ	FPAREA(BX), DI
	MOVL	FPMASK(BX), AX
	MOVL	FPMASK+4(BX), DX
	XSAVE64	(DI)
	JMP	give

	// Make system calls: each is eight words, with its result the last.
call:
	MOVQ	NEXT(BX), R12
	MOVQ	0(R12), AX
	MOVQ	8(R12), DI
	MOVQ	16(R12), SI
	MOVQ	24(R12), DX
	MOVQ	32(R12), R10
	MOVQ	40(R12), R8
	MOVQ	48(R12), R9
	SYSCALL
	MOVQ	CONTEXT, BX
	MOVQ	NEXT(BX), R12
	MOVQ	AX, 56(R12)
	ADDQ	$64, NEXT(BX)
	DECL	LEFT(BX)
	JNE	call

	// It is the other's turn: wake him, in futex, if he sleeps.
give:
	XORL	AX, AX
	XCHGL	AX, TURN(BX)
	CMPL	AX, $3
	JNE	wait
	MOVQ	BX, DI
	MOVL	$1, SI
	MOVL	$1, DX
	MOVL	$202, AX
	SYSCALL
	JMP	wait

	// The program made a mistake, or a system call, or was kicked; or we were,
	// who keep that in mind.
handler:
	MOVQ	CONTEXT, BX
	MOVQ	168(DX), AX // where
	MOVQ	STUB, CX
	SUBQ	CX, AX
	CMPQ	AX, $0x10000
	JCC	event
	CMPL	DI, $10
	JNE	inslow
	MOVL	$1, PENDING(BX)
	MOVQ	AX, R8
	SUBQ	RESUME, R8
	CMPQ	R8, RESUMELEN
	JCC	inslow
	ADDQ	RESUME, CX
	MOVQ	CX, 168(DX)
	JMP	return
inslow:
	SUBQ	SLOW, AX
	CMPQ	AX, SLOWLEN
	JCC	other
	ADDQ	SLOW, CX
	MOVQ	CX, 168(DX)
	JMP	return
other:
	CMPL	DI, $10
	JNE	event
return:
	MOVQ	DX, SP
	MOVL	$15, AX
	SYSCALL
	JMP	wait
event:
	MOVQ	DX, FRAME(BX)
	MOVL	$0, KIND(BX)
	JMP	give

	// The program called us, where it had an instruction for a system call: all
	// its registers but the flags are kept.
light:
	MOVQ	AX, 64(GS)
	MOVQ	BX, 72(GS)
	MOVQ	CX, 80(GS)
	MOVQ	DX, 88(GS)
	MOVQ	SI, 96(GS)
	MOVQ	DI, 104(GS)
	MOVQ	BP, 112(GS)
	MOVQ	R8, 120(GS)
	MOVQ	R9, 128(GS)
	MOVQ	R10, 136(GS)
	MOVQ	R11, 144(GS)
	MOVQ	R12, 152(GS)
	MOVQ	R13, 160(GS)
	MOVQ	R14, 168(GS)
	MOVQ	R15, 176(GS)
	MOVQ	(SP), AX
	MOVQ	AX, 184(GS)
	LEAQ	8(SP), AX
	MOVQ	AX, 192(GS)
	MOVQ	CONTEXT, BX
	MOVL	$1, KIND(BX)
	JMP	give

	// The program called us to read a file, which may be a clock.
clock:
	MOVQ	AX, 64(GS)
	MOVQ	BX, 72(GS)
	MOVQ	CX, 80(GS)
	MOVQ	DX, 88(GS)
	MOVQ	SI, 96(GS)
	MOVQ	DI, 104(GS)
	JMP	read

	LONG	$0x21646e65 // the end

// func stubCode() *[PageSize]byte
TEXT ·stubCode(SB),NOSPLIT,$0-8
	LEAQ	·stub(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// func spin(turn *uint32, n int)
TEXT ·spin(SB),NOSPLIT,$0-16
	MOVQ	turn+0(FP), BX
	MOVQ	n+8(FP), CX
again:
	TESTL	$1, (BX)
	JEQ	done
	PAUSE
	DECQ	CX
	JGT	again
done:
	RET

// func counter() uint64
TEXT ·counter(SB),NOSPLIT,$0-8
	LFENCE
	RDTSC
	SHLQ	$32, DX
	ORQ	DX, AX
	MOVQ	AX, ret+0(FP)
	RET

// func cpuid(leaf uint32) (eax, edx uint32)
TEXT ·cpuid(SB),NOSPLIT,$0-16
	MOVL	leaf+0(FP), AX
	XORL	CX, CX
	CPUID
	MOVL	AX, eax+8(FP)
	MOVL	DX, edx+12(FP)
	RET
