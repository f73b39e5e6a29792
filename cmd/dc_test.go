package cmd

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
)

func TestDcOracle(t *testing.T) {
	row := func(name, input string) oracle { return oracle{name: name, cmd: "dc", input: input + "\n"} }
	compareRows(t, []oracle{
		row("nothing", ""),
		row("print", "1p12p123p1234567890p"),
		row("negative", "_5p _12.5p _.5p _100p"),
		row("points", ".5p 0.5p .05p .005p 12.p 1.50p 12.345p 1.2.3f"),
		row("zero", "0p .0p 0.000p _0p 00p"),
		row("sum", "1 2+p 1.5 2.25+p _1 1+p .1 .02+p 999 1+p"),
		row("difference", "1 2-p 1.5 2.25-p 5 5-p .1 .02-p _1 _1-p 1000 1-p"),
		row("product", "3 4*p 1.5 2.25*p .01 .01*p _3 4*p 0 5*p"),
		row("product with scale", "3k1.5 2.25*p .011 .011*p 1.2345 1.2345*p"),
		row("product rounds down in pairs", "2k _.33 .33*p _.3 .3*p 1k _.3 .3*p _.33 .33*p 3k _1.111 1.111*p _.001 .001*p"),
		row("quotient", "7 2/p _7 2/p 7 _2/p 1 3/p 3k 1 3/p 2 3/p _2 3/p 1.5 .5/p"),
		row("quotient of long numbers", "20k 2 3/p 1 7/p 355 113/p 12345678901234567890 987654321/p"),
		row("remainder", "7 3%p _7 3%p 7 _3%p 7.5 2%p 1k 7.5 2%p 3k 7 3%p 1.2345 .1%p 0 3%p"),
		row("remainder of more digits", "2k 1.23456 7%p _1.23456 7%p 1k 100.999 3.3%p 0k 12.345 1.1%p"),
		row("power", "2 10^p 2 0^p 0 0^p 1.5 3^p _2 3^p _1.5 2^p 1.1 10^p 3k 1.1 10^p _1.1 3^p"),
		row("negative power", "2 _1^p 5k 2 _1^p 3 _2^p 0 _1^f c 1.5 _2^p"),
		row("big powers", "2 1000^p 3 500^p 99 99^p"),
		row("power errors", "2 1.5^f c 2 10000^f"),
		row("square root", "2vp 16vp 20k 2vp 3vp 4vp .25vp 0k 2.00vp .0001vp 123456789vp 10 30^vp 0v_1vf"),
		row("digits", "0Zp 5Zp 10Zp 99Zp 100Zp 12345Zp .001Zp 1.50Zp _5Zp _10Zp _99Zp _100Zp _999Zp _900Zp _9999Zp _10000Zp _1Zp"),
		{name: "digits of zero, of which 9base finds one if K, X, Z or z pushed it", cmd: "dc",
			input: "0XZp KZp zZp 0ZZp 1 1-Zp 0.0Zp []Zp\n", want: "0\n0\n1\n0\n0\n0\n0\n"},
		row("scale of a number", "5Xp 1.50Xp .001Xp 3k 1 3/Xp"),
		row("registers", "5sala p la1+sala p lbp 1Sa2SaLap Lap Lap Lap La"),
		row("registers of any name", "1s 2s[3s]l p l[p l]p"),
		row("registers by number", "7s<200>l<200>p"),
		row("duplicate, depth, clear", "1 2 3zp dp cf zp d"),
		row("stack", "1 2 3f cf p"),
		row("texts", "[hello]p [a [nested] text]p []p [x]P [y\nz]P"),
		row("a number as text", "65P 10P 6667P 72 100*101+P"),
		row("macros", "[2 3+p]sx lxx [lxx lxx]x"),
		row("comparisons", "[[yes]p]sy 1 2<y 2 1<y 1 1<y 1 2>y 2 1>y 1 1=y 1 2=y"),
		row("comparisons that do not hold", "[[yes]p]sy 1 2!<y 2 1!<y 1 1!<y 1 2!>y 2 1!>y 1 1!=y 1 2!=y"),
		row("comparison of scales", "[[yes]p]sy 1.0 1=y .1 .10=y .1 .11<y .1 .11>y _1 1<y _1 1>y"),
		row("loop", "[la1+dsa*pla10>y]sy 0sa1 lyx"),
		row("long loop", "[la1+sala1000>y]sy 0sa lyx lap"),
		row("quit", "1p[2p q 3p]x4p"),
		row("quit two levels", "[[q]x 1p]x 2p [[q]x 1p]x"),
		row("quit levels", "[[1Q 5p]x 1p]x [[[2Q]x 3p]x 4p]x 5p 9Q 6p"),
		row("quit errors", "_1Q 100Q c Q 3p"),
		row("input base", "16iFFp 10p A i 2i 101p 1010 i12p"),
		row("input base with fractions", "16i .8p F.Fp A.8p 2i .101p 1.1p"),
		row("digits greater than the base", "A p F p 1F p 2i 9p"),
		row("bases by name", "IpOpKp 3k16oIpOpKp 8iIpOp"),
		row("hexadecimal", "16o 10p 255p 256p 65535p _255p 0p 123456789012345678901234567890p"),
		row("hexadecimal fractions", "16o 2k .5p 10k 3.14159p .1p 1.p _3.5p"),
		row("fractions without scale", "16o .5p 1.5p 8o 12.75p"),
		row("binary", "2o 10p 3k1.5p .125p 100p 2 80^p"),
		row("other bases", "7o 100p 12o 143p 3o 1000p 5k .333p 9o 80p"),
		row("bases above 16", "20o 12345p 5k 1.5p 100o 123456p .25p 17o 16p _300p 1000o 123456789p"),
		row("unary", "1o 5p _3p 0p 2.7p 0o 4p _1o 3p"),
		row("negative bases", "_10o 1234p _2o 7p _7o 100p _16o 255p"),
		row("folding", "2 300^p 7 400^p 10 69^p 10 70^p 10 71^p _1 10 69^*p 10 68^p"),
		row("folding behind the point", "80k 1 3/p 10 3/p 69k 1 3/p 2 3/p 70k 1 3/p 71k _1 3/p 100 3/p 99k 2vp 1 7/p"),
		row("folding of other bases", "16o 2 300^p 2o 2 69^p 2 70^1-p 20o 2 300^p 1000o 7 200^p 1o 75p"),
		row("long numbers", "12345678901234567890 98765432109876543210*p 2 400^3 100^-p"),
		row("numbers over lines", "12345\\\n67890p"),
		row("99 digits", "."+strings.Repeat("1", 120)+"p Xp"),
		row("arrays", "5 3:a 3;ap 4;ap 7 0:a 0;ap 3;ap 2047;ap"),
		row("array errors", "1 2048:a f c 1 _1:a f c 2048;a _1;a 5:a"),
		row("empty stack", "+ - * / % ^ v p P d f c z p i o k x X Z Q : ;"),
		row("one on the stack", "1+f c 1-f c 1*f c 1/f c 1%f"),
		row("divide by zero", "1 0/f c 1 0%f c 0 0/f c 5.5 0.0/Xf c 0 5/f c 0.00 5/Xf"),
		row("unknown commands", "a b @ # \"~\t1p"),
		row("save on an empty stack", "s5f Saf"),
		row("undefined macro", "lax lyx"),
		row("negative scale", "5k 100k Kp 1.5k Kp"),
		row("question mark", "[?p]x\n5 6+\n1p ?\n7p"),
		row("text not closed", "1p [abc"),
		{name: "file", cmd: "dc f", input: "2p la p\n", files: files{"f": "1p 5sa\n"}},
		{name: "no file", cmd: "dc nosuch", want: "dc: can't open nosuch: 'nosuch' file does not exist\nstatus: open\n"},
		{name: "shell, which 9base has not in /bin", cmd: "dc", input: "!echo hi\n1p\n", want: "hi\n!\n1\n"},
		{name: "negative scale is none, other than in 9base", cmd: "dc", input: "_1k Kp\n", want: "scale too big\n0\n"},
		{name: "texts of capitals are texts, other than in 9base", cmd: "dc", input: "[ABC]p [é]p\n", want: "ABC\né\n"},
		{name: "an exponent alone stays, other than in 9base", cmd: "dc", input: "2^f\n", want: "stack empty\n2\n"},
		{name: "deeper than 9base", cmd: "dc", input: "[1 la1-dsa 0<f]sf 200sa lfx zp\n", want: "200\n"},
		{name: "no end of memory", cmd: "dc", input: "9999 9999^ 9999^ 9999^\n", want: "dc: out of space\nstatus: out of space\n"},
	})
}

// TestDcRandom compares sums of all kinds, at all scales, with the oracle.
func TestDcRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	number := func() string {
		s := fmt.Sprint(rng.Uint64() >> rng.UintN(64))
		if rng.IntN(2) == 0 {
			i := rng.IntN(len(s) + 1)
			s = s[:i] + "." + s[i:]
		}
		if rng.IntN(3) == 0 {
			s = "_" + s
		}
		return s
	}
	var b strings.Builder
	for range big(t, 100) {
		fmt.Fprintf(&b, "%dk %s %s %c p Xp %s 1 -p c\n", rng.IntN(12), number(), number(), "+-*/%"[rng.IntN(5)], number())
		fmt.Fprintf(&b, "%dk %s %s %c p ZpX c\n", rng.IntN(12), number(), number(), "+-*/%"[rng.IntN(5)])
		fmt.Fprintf(&b, "%s %d ^ p c\n", number(), rng.IntN(12)-4)
		fmt.Fprintf(&b, "%s v p c\n", strings.TrimPrefix(number(), "_"))
		fmt.Fprintf(&b, "%do %s p c 10o\n", rng.IntN(40)+2, number())
		fmt.Fprintf(&b, "%di %s A i p c\n", rng.IntN(20)+2, number())
	}
	var rows []oracle
	for line := range strings.Lines(b.String()) {
		rows = append(rows, oracle{name: line, cmd: "dc", input: line})
	}
	compareRows(t, rows)
}

// FuzzDc looks for commands that make dc panic.
func FuzzDc(f *testing.F) {
	for _, s := range []string{"2 3^p", "[la1+dsa*pla10>y]sy0sa1lyx", "3k_1 7/16op", "1 2:a2;aSbLb", "[[2Q]x]x?\n5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if strings.ContainsAny(in, "!x<>=^") {
			return // what can go on for ever
		}
		synctest.Test(t, func(t *testing.T) {
			newMachine(t, files{"in": in}).run("dc <in")
		})
	})
}
