package cmd

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/synctest"
)

func TestBcOracle(t *testing.T) {
	row := func(name, input string) oracle { return oracle{name: name, cmd: "bc", input: input + "\n"} }
	compareRows(t, []oracle{
		row("nothing", ""),
		row("numbers", "1\n0\n007\n1.50\n.5\n5.\n1 2 3\n12345678901234567890"),
		row("negative numbers", "-5\n-0\n- -5\n-.5\n_5\n_.5+1"),
		row("sums", "1+2\n1-2\n1.5+2.25\n1-2-3\n1 - 2 + 3"),
		row("products", "2*3\n2*3*4\n1.5*1.5\n-2*3\n-.33*.33"),
		row("quotients", "7/2\n-7/2\n8/4/2\n2*3/4\nscale=5\n7/2\n1/3\n-1/3"),
		row("remainders", "7%3\n-7%3\n7%-3\n7.5%2\nscale=2\n7%3\n7.5%2"),
		row("powers", "2^10\n2^3^2\n2^0\n2^-1\n-2^2\n(-2)^2\n1.5^3\nscale=4\n2^-3\n3^-2*9"),
		row("precedence", "1+2*3\n(1+2)*3\n2*3^2\n-2*3+4\n2+-3\n2*-3+4\n2^-3*4\n10-4/2\n-1-1\n2*-3*4"),
		row("scale of products", "scale=3\n1.2345*1.2345\n.011*.011\n-.011*.011"),
		row("semicolons", "1;2;3\n;;1"),
		row("variables", "a=5\na\na+1\nb\na=b=3\na\nb"),
		row("assignments that are printed", "(a=5)\na=6\n(a)+1\nb=(a=2)+1\nb"),
		row("assignment in an expression", "1+a=5\na\n2*a=3+4\na"),
		row("assignment operators", "a=10\na+=5\na\na-=3\na\na*=2\na\na/=5\na\na%=3\na\na^=3\na"),
		row("increments", "a=5\na++\na\n++a\na\na--\na\n--a\na\na++ + a"),
		row("arrays", "a[0]=1\na[1]=2\na[0]+a[1]\na[2]\na[a[0]]\na\na[1.9]"),
		row("operators on elements", "a[1]=5\na[1]+=2\na[1]\na[1]++\na[1]\n++a[1]\n--a[1]\na[1]--\na[1]\na[1]^=2\na[1]"),
		row("index evaluated twice", "i=0\na[i++]+=1\ni"),
		{name: "index errors, after which 9base gets out of step", cmd: "bc", input: "a[-1]\na[2048]\na[-1]=1\n1\n", want: "neg index\n0\nindex too big\n0\nneg index\n1\n"},
		row("scale", "scale\nscale=3\nscale\n1/3\nscale=scale+1\n1/3\nscale+=2\nscale\nscale++\nscale\n--scale\nscale--\n++scale"),
		row("bases by name", "ibase\nobase\nobase=16\nibase\nobase\nibase=16\nibase\nobase\nibase+=1\nbase"),
		row("input base", "ibase=16\nFF\n10\nibase=A\n10\nibase=2\n101\n.1\n1.01\n9\nibase=8\n17"),
		row("output base", "obase=16\n255\n-255\n4095\nobase=2\n5\nobase=20\n12345\nobase=10\n5\nobase=8;64;obase"),
		row("output base and fractions", "obase=16\n.5\nscale=3\n.5\n3.14\nobase=2\n.125"),
		row("constants mean what they do when used", "define f(x) {\n return 10\n}\nibase=16\nf(1)\nibase=A\nf(1)"),
		row("length and scale", "length(12345)\nlength(1.50)\nlength(0)\nscale(1.50)\nscale(5)\nlength(.001)\nscale(1/3)\nlength(-12)\nlength(-999)"),
		row("square root", "sqrt(16)\nsqrt(2)\nscale=20\nsqrt(2)\nsqrt(2)*sqrt(2)\nsqrt(.25)\nsqrt(a=9)"),
		row("square root of a negative number", "sqrt(-1)\n5"),
		row("division by zero", "1/0\n5%0\n0/0\n1/0+1\na=1/0\na\n2^-1+0^-1"),
		row("powers too big", "2^1.5\n2^10000\n3"),
		{name: "text, which kills 9base", cmd: "bc", input: "\"hello\n\"\n\"a\";\"b\"\n\"two\nlines\n\"\n1\n", want: "hello\nabtwo\nlines\n1\n"},
		row("if", "if(1) 5\nif(1) print 5\nif(0) print 6\nif(2>1) print 7\na=3\nif(a==3) { print 8; print 9 }\nif(a) a=4\na"),
		row("comparisons", "if(1<2)print 1\nif(2<1)print 2\nif(1<=1)print 3\nif(1>=2)print 4\nif(1!=2)print 5\nif(1==1.0)print 6\nif(-1>-2)print 7\nif(1!=1)print 8\nif(2>=2)print 9\nif(2<=1)print 10"),
		row("while", "i=0\nwhile(i<5) { print i; i+=1 }\ni\nwhile(i) i-=1\ni"),
		row("for", "for(i=0; i<5; i++) print i\ni\nfor(i=5; i; i--) { print i*i }\nfor(i=1;i<100;i*=2)print i"),
		row("nested loops", "for(i=1; i<4; i++) for(j=i; j<4; j++) print i*10+j\nfor(i=1; i<3; i++) {\n j=0\n while(j<2) { print i; print j; j+=1 }\n}"),
		row("break", "for(i=0; 1; i++) {\n if(i==3) break\n print i\n}\ni\nwhile(1) { i+=1; if(i>5) { print i; break } }\nfor(i=0;i<3;i++) { while(1) break; print i }"),
		row("function", "define f(x) {\n return x*x\n}\nf(3)\nf(f(2))\n1+f(2)*3\nf(1.5)"),
		row("function without value", "define f(x) {\n x+1\n}\nf(3)\ndefine g(x) {\n return\n}\ng(3)\ndefine h() {\n print 5\n}\nh()"),
		row("function of many arguments", "define f(a,b,c) {\n return a*100+b*10+c\n}\nf(1,2,3)\na=7\nf(a,a+1,a=9)\na"),
		row("functions do not change the caller's", "x=5;y=6\ndefine f(x) {\n auto y\n y=x\n x=9\n z=y\n return y\n}\nf(1)\nx;y;z"),
		row("recursion", "define f(n) {\n if(n<2) return 1\n return n*f(n-1)\n}\nf(5)\nf(20)\nf(30)"),
		row("fibonacci", "define f(n) {\n if(n<2) return n\n return f(n-1)+f(n-2)\n}\nfor(i=0;i<15;i++) print f(i)"),
		row("return from loops", "define f(n) {\n auto i\n for(i=0; 1; i++) {\n  while(1) {\n   if(i*i>=n) return i\n   break\n  }\n }\n}\nf(50)\nf(49)"),
		{name: "arrays as arguments, for which 9base hangs", cmd: "bc", want: "6\n2\n3\n5\n", input: "define f(a[],n) {\n auto i,s\n s=0\n for(i=0;i<n;i++) { s+=a[i]; a[i]=0 }\n return s\n}\nb[0]=1;b[1]=2;b[2]=3\nf(b[],3)\nb[1]\na[0]=5\nf(b[],2)\na[0]\n"},
		{name: "automatic arrays, for which 9base hangs", cmd: "bc", want: "3\n7\n", input: "define f(n) {\n auto a[]\n a[0]=n\n return a[0]\n}\na[0]=7\nf(3)\na[0]\n"},
		row("letters of all kinds", "define a(a) {\n return a+a[1]\n}\na=1;a[1]=2\na(3)\na;a[1]"),
		row("a function is replaced", "define f(x) {\n return 1\n}\nf(0)\ndefine f(x) {\n return 2\n}\nf(0)"),
		row("a function that is not there", "f(3)\n1+g(2)\n5"),
		row("functions on one line", "define f(x) {;return x+1;}\nf(3)\ndefine f(x) {;auto y;y=x;return y*2}\nf(3)"),
		row("print", "print 1\nprint 1+2\nprint a=5\nprint (a)\nif(a)print a"),
		row("last value", "5\n.\n.+1\n."),
		row("comments", "1 /* a comment */ + 2\n/* over\nlines */ 3\n4 /**/\n/* * / ** */5"),
		row("continued lines", "1 + \\\n2\n12\\\n34"),
		row("reserved words are two letters", "sqroot(16)\nsca=2\n1/3\nlen(123)\nprin 5"),
		row("braces", "{ print 1; print 2 }\n{ { print 3 } }\n{\n print 4\n\n print 5\n}"),
		row("empty statements", "if(1) ;\nwhile(0) ;\nfor(i=0;i<3;i++) ;\ni\n{ }\n{;;}"),
		row("quit", "1\nquit\n2"),
		row("quit when read", "1\nif(0) { quit }\n2"),
		row("folding", "2^300\n-2^300\n10^69\n10^70\nscale=80\n1/3\nobase=16\n2^300"),
		row("long arithmetic", "99999999999999999999*99999999999999999999\n2^200/3^50\n7^100%1000007\n12345678901234567890-98765432109876543210"),
		row("digits are cut", "scale=2\n2/3\n-2/3\n.666*1\n-.66*.66\n-.6*.6*.6"),
		row("the example of the page", "scale = 20\ndefine e(x) {\n\tauto a, b, c, i, s\n\ta = 1\n\tb = 1\n\ts = 1\n\tfor(i=1; 1; i++) {\n\t\ta *= x\n\t\tb *= i\n\t\tc = a/b\n\t\tif(c == 0) return s\n\t\ts += c\n\t}\n}\nfor(i=1; i<=10; i++) print e(i)"),
		row("primes", "for(i=2;i<60;i++) {\n p=1\n for(j=2;j*j<=i;j++) if(i%j==0) { p=0; break }\n if(p) print i\n}"),
		{name: "file, then input", cmd: "bc f g", input: "x+1\n", files: files{"f": "x=1\nx\n", "g": "x+=5\n"}},
		{name: "syntax errors, which 9front words otherwise", cmd: "bc", input: "1+*2\n3\n)\ndefine f(x) { return x }\n",
			want: "stdin:1 syntax error\n2\n3\nstdin:3 syntax error\nstdin:4 syntax error\nstdin:4 syntax error\n"},
		{name: "reserved words that are none", cmd: "bc", input: "hexy\n5\n", want: "stdin:1 syntax error\nstdin:1 syntax error\nstdin:1 syntax error\n0\n5\n"},
		{name: "text is not a format, other than in 9base", cmd: "bc", input: "\"50% [x\n\"\n", want: "50% [x\n"},
		{name: "no overflow of the stack, other than in 9base", cmd: "bc", input: "for(i=0;i<300;i++) { i+1; i++; i-- }\ni\ndefine f(n) {\nif(n==0) return 0\nreturn n+f(n-1)\n}\nf(500)\n", want: "300\n125250\n"},
		{name: "calls without end", cmd: "bc", input: "define f(n) {\nreturn f(n+1)+1\n}\nf(0)\n", want: "nesting depth\n1000\n"},
		{name: "silent, which 9base has half", cmd: "bc -s", input: "1\nprint 2\nx=3\nx\nprint x\n", want: "2\n3\n"},
		{name: "no file", cmd: "bc nosuch", input: "1\n", want: "bc: can't open nosuch: 'nosuch' file does not exist\nstatus: can't open nosuch: 'nosuch' file does not exist\n"},
		{name: "no end of memory", cmd: "bc", input: "x=9999\nwhile(1) x=x^9999\n", want: "bc: out of space\nstatus: out of space\n"},
	})
}

// bclib returns the mathematical library.
func bclib(t *testing.T) string {
	b, err := os.ReadFile("../rootfs/sys/lib/bclib")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestBcLibrary compares the functions with digits known from elsewhere.
func TestBcLibrary(t *testing.T) {
	lib := func(name, in, want string) row {
		return row{name, files{"/sys/lib/bclib": bclib(t), "in": in + "\n"}, "bc -l <in", want + "\n"}
	}
	runRows(t, []row{
		lib("e", "e(1)\ne(0)\nscale=20\ne(-1)\ne(10)\ne(.5)\ne(100)", "2.71828182845904523536028747135266249775724709369995\n1.00000000000000000000000000000000000000000000000000\n.36787944117144232159\n22026.46579480671651695790\n1.64872127070012814684\n26881171418161354484126255515800135873611118.77374192241519160861"),
		lib("l", "l(2)\nl(1)\nscale=20\nl(10)\nl(.001)\nl(e(1))", ".69314718055994530941723212145817656807550013436025\n0\n2.30258509299404568401\n-6.90775527898213705205\n.99999999999999999999"),
		lib("a", "4*a(1)\nscale=20\na(.5)\na(-2)\na(1000)\na(0)", "3.14159265358979323846264338327950288419716939937508\n.46364760900080611621\n-1.10714871779409050301\n1.56979632712822975256\n0"),
		lib("s and c", "s(1)\nscale=20\nc(1)\ns(-1)\ns(100)\nc(100)\ns(0)\nc(0)\ns(-10)", ".84147098480789650665250232163029899962256306079837\n.54030230586813971740\n-.84147098480789650665\n-.50636564110975879365\n.86231887228768393410\n0\n1.00000000000000000000\n.54402111088936981340"),
		lib("j", "scale=20\nj(0,1)\nj(1,1)\nj(2,3.5)\nj(-1,1)", ".76519768655796655144\n.44005058574493351595\n.45862918419430748350\n-.44005058574493351595"),
		lib("other bases", "scale=10\nibase=16\ns(1)\nibase\nl(0)", ".8414709848\n16\n-9999999999"),
	})
}

// TestBcLibraryOracle runs the library by both.
func TestBcLibraryOracle(t *testing.T) {
	var b strings.Builder
	for i, x := range []string{"0", "1", "-1", ".5", "-3.25", "10", "-100.125", ".0001"} {
		fmt.Fprintf(&b, "scale=%d\ne(%s)\ns(%s)\nc(%s)\na(%s)\nj(%d,%s)\n", 7*i, x, x, x, x, i-2, x)
		fmt.Fprintf(&b, "l(%s)\nl(%s*%s+1)\n", x, x, x)
	}
	compareRows(t, []oracle{{name: "all", cmd: "bc lib", input: b.String(), files: files{"lib": bclib(t)}}})
}

// TestBcRandom compares expressions, written at random, with the oracle.
func TestBcRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var expr func(depth int) string
	expr = func(depth int) string {
		switch n := rng.IntN(10); {
		case depth == 0 || n == 0:
			return fmt.Sprintf("%d.%d", rng.IntN(100), rng.IntN(1000))
		case n == 1:
			return fmt.Sprint(rng.IntN(2000))
		case n == 2:
			return "(" + expr(depth-1) + ")"
		case n == 3:
			return "- " + expr(depth-1)
		case n == 4:
			return string(rune('a' + rng.IntN(3)))
		case n == 5:
			return fmt.Sprintf("(%c=%s)", 'a'+rng.IntN(3), expr(depth-1))
		default:
			return expr(depth-1) + " " + string("+-*/%"[rng.IntN(5)]) + " " + expr(depth-1)
		}
	}
	var rows []oracle
	for i := range 60 {
		var b strings.Builder
		fmt.Fprintf(&b, "scale=%d\na=7;b=-1.5;c=1000\n", rng.IntN(20))
		for range 20 {
			b.WriteString(expr(4) + "\n")
		}
		rows = append(rows, oracle{name: fmt.Sprint(i), cmd: "bc", input: b.String()})
	}
	compareRows(t, rows)
}

// FuzzBc looks for programs that make bc panic.
func FuzzBc(f *testing.F) {
	for _, s := range []string{"1+2*3\n", "define f(a,b[]) {\nauto c\nreturn a\n}\nf(1,x[])\n", "if(1<2) print a[1]++\n", "{ \"x\"; scale=-1 }\n", "_1.2A;.;-x\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if strings.Contains(in, "wh") || strings.Contains(in, "fo") || strings.Contains(in, "^") {
			return // what can go on for ever
		}
		synctest.Test(t, func(t *testing.T) {
			newMachine(t, files{"in": in}).run("bc <in")
		})
	})
}
