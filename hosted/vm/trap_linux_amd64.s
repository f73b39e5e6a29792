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

// Instructions at multiples of 32 are known by their place: stubText.
TEXT ·stub(SB),NOSPLIT|NOFRAME,$0
	JMP	start
	PCALIGN	$32
	JMP	handler
	PCALIGN	$32

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
	CMPL	OP(BX), $0
	JNE	call

	// Go on with the program: rt_sigreturn.
	MOVQ	FRAME(BX), SP
	MOVL	$15, AX
	SYSCALL
	JMP	wait

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

	// The program made a system call, or a fault, or was kicked.
handler:
	MOVQ	CONTEXT, BX
	MOVQ	DX, FRAME(BX)
	JMP	give

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
