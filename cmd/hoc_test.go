package cmd

import "testing"

func TestHocOracle(t *testing.T) {
	row := func(name, input string) oracle { return oracle{name: name, cmd: "hoc", input: input + "\n"} }
	compareRows(t, []oracle{
		row("numbers", "1\n.5\n1.\n1e3\n1.5e-3\n1/4\n-1/8\n1e-5\n0.0001\n1e11\n123456789012"),
		row("arithmetic", "1+2*3\n(1+2)*3\n7/2\n7%4\n-7%4\n7.5%2\n2^10\n2^3^2\n-2^2\n2^-1\n1-2-3\n2*-3"),
		row("comparisons", "1<2\n2<1\n1<=1\n1>=2\n1==1\n1!=1\n1&&0\n1&&2\n0||0\n0||3\n!0\n!5\n!1+1\n1+1==2"),
		row("variables", "x=3\nx\nx+1\n_\n_*2\n(x=5)\nx=y=2\nx+y"),
		row("assignment operators", "x=10\nx+=2\nx\nx-=1\nx\nx*=2\nx\nx/=4\nx\nx=7\nx%=4\nx"),
		row("increments", "x=1\nx++\nx\n++x\nx--\n--x\nx"),
		row("constants", "int(PI*1e8)\nint(E*1e8)\nint(PHI*1e8)\nint(GAMMA*1e8)\nint(DEG*1e7)"),
		row("functions", "abs(-3)\nint(sin(1)*1e8)\nint(cos(1)*1e8)\nint(tan(1)*1e8)\nint(atan(1)*1e8)\nint(asin(1)*1e8)\nint(acos(0)*1e8)\nint(sinh(1)*1e8)\nint(cosh(1)*1e8)\nint(tanh(1)*1e8)\nint(exp(1)*1e8)\nint(log(2)*1e8)\nint(log10(1000)*1e8)\nint(sqrt(2)*1e8)\nint(3.7)\nint(-3.7)"),
		row("print", "print 1\nprint 1,2,\"a\\n\"\nprint \"x\\ty\\n\"\nprint 1+1,\"=\",2,\"\\n\""),
		row("if", "if(1) print 5\nif(0) print 5 else print 6\nif(0) print 7\nif(1) { print 8 print 9 }\nx=1\nif(x) x=2\nx"),
		row("loops", "for(i=0;i<5;i++) print i\nwhile(i>0) { print i i-- }\n"),
		row("loops over lines", "i=3\nwhile(i>0) {\n\tprint i\n\ti=i-1\n}\nprint \"\\n\"\nfor(i=0;i<3;i=i+1) {\n\tfor(j=0;j<i;j++) print j\n}\n"),
		row("function", "func f(x) return x*2\nf(3)\nf(f(2))+1\nfunc g(a,b) {\n return a-b\n}\ng(5,3)\nx=9\nf(1)\nx"),
		row("recursion", "func fac(n) if(n<=1) return 1 else return n*fac(n-1)\nfac(5)\nfac(10)\nfunc fib(n) {\n if(n<2) return n\n return fib(n-1)+fib(n-2)\n}\nfib(15)"),
		row("gcd", "func gcd(a, b) {\n\ttemp = abs(a) % abs(b)\n\tif(temp == 0) return abs(b)\n\treturn gcd(b, temp)\n}\nfor(i=1; i<12; i++) print gcd(i,12)\n"),
		row("procedure", "proc p(n) {\n while(n>0) { print n n-- }\n print \"\\n\"\n}\np(3)\np(1)"),
		{name: "procedure with a return, which kills 9base", cmd: "hoc", input: "proc q() { if(x>3) return\n x++\n q() }\nx=1\nq()\nx\n", want: "4\n"},
		row("return from a loop", "func f(n) {\n for(i=0;1;i++) if(i*i>=n) return i\n}\nf(50)"),
		{name: "read over lines, where 9base fails", cmd: "hoc", input: "while(read(x)) print x*2\n1 2\n3.5 -4\n", want: "2 4 7 -8 "},
		row("read values", "read(x)\n12\nx"),
		row("comments and continued lines", "1 # one\n# nothing\n1+\\\n2\n"),
		row("division by zero", "1\n1/0"),
		row("wrong number of arguments", "func f(x) return x\nf(1,2)"),
		row("undefined variable", "x"),
		row("out of domain", "log(-1)"),
		row("out of range", "exp(1000)"),
		row("syntax error", "1+\n"),
		row("return outside", "return 3\n"),
		{name: "12 digits, as 9front has it", cmd: "hoc", input: "1/3\nPI\n1e15\n1e100\n1e-10/3\n", want: "0.333333333333\n3.14159265359\n1e+15\n1e+100\n3.33333333333e-11\n"},
		{name: "expressions", cmd: "hoc -e 1+2 -e3*4", input: "5\n"},
		{name: "files", cmd: "hoc f - f", input: "x+1\n", files: files{"f": "x=5\nx\n"}},
		{name: "an error in a file", cmd: "hoc f -", input: "7\n", files: files{"f": "1\n1/0\n5\n"}},
		{name: "no file", cmd: "hoc nosuch -e1", want: "hoc: can't open nosuch: 'nosuch' file does not exist\n1\n"},
		{name: "calls without end", cmd: "hoc", input: "func f(x) return f(x+1)\nf(1)\n", want: "hoc: f call nested too deeply near line 3\n"},
	})
}

// FuzzHoc looks for programs that make hoc panic.
func FuzzHoc(f *testing.F) {
	f.Add("func f(x) return x\nf(1)\nproc p() { print 1, \"a\" }\np()\n")
	f.Add("x=1;x++\n{ if(x) 1 else 2 }\nread(y)\n3\n")
	f.Fuzz(func(t *testing.T, in string) { fuzzLine(t, "hoc <in", in, "wh", "fo") })
}
