package hoc

import "math"

// constants are the variables that have a value.
var constants = map[string]float64{
	"PI":    math.Pi,
	"E":     math.E,
	"GAMMA": 0.57721566490153286060,
	"DEG":   180 / math.Pi,
	"PHI":   math.Phi,
}

// builtins are the functions, of one argument.
var builtins = map[string]func(x float64) float64{
	"sin":   math.Sin,
	"cos":   math.Cos,
	"tan":   math.Tan,
	"atan":  math.Atan,
	"asin":  checked("asin", math.Asin),
	"acos":  checked("acos", math.Acos),
	"sinh":  checked("sinh", math.Sinh),
	"cosh":  checked("cosh", math.Cosh),
	"tanh":  math.Tanh,
	"log":   checked("log", math.Log),
	"log10": checked("log10", math.Log10),
	"exp":   checked("exp", math.Exp),
	"sqrt":  checked("sqrt", math.Sqrt),
	"int":   whole,
	"abs":   math.Abs,
}

// checked returns f with its result checked.
func checked(name string, f func(x float64) float64) func(x float64) float64 {
	return func(x float64) float64 { return check(f(x), name) }
}

// check fails if x is no number.
func check(x float64, name string) float64 {
	switch {
	case math.IsNaN(x):
		panic(failure(name + " argument out of domain"))
	case math.IsInf(x, 0):
		panic(failure(name + " result out of range"))
	}
	return x
}

// whole is the function int.
func whole(x float64) float64 {
	if !(x >= math.MinInt32 && x <= math.MaxInt32) {
		panic(failure("argument out of domain"))
	}
	return math.Trunc(x)
}

// binary are the operators of two operands.
var binary = map[token]func(x, y float64) float64{
	'+': func(x, y float64) float64 { return x + y },
	'-': func(x, y float64) float64 { return x - y },
	'*': func(x, y float64) float64 { return x * y },
	'/': func(x, y float64) float64 { return x / nonzero(y) },
	'%': func(x, y float64) float64 { return math.Mod(x, nonzero(y)) },
	'^': func(x, y float64) float64 { return check(math.Pow(x, y), "exponentiation") },
	'>': func(x, y float64) float64 { return truth(x > y) },
	'<': func(x, y float64) float64 { return truth(x < y) },
	ge:  func(x, y float64) float64 { return truth(x >= y) },
	le:  func(x, y float64) float64 { return truth(x <= y) },
	eq:  func(x, y float64) float64 { return truth(x == y) },
	ne:  func(x, y float64) float64 { return truth(x != y) },
	and: func(x, y float64) float64 { return truth(x != 0 && y != 0) },
	or:  func(x, y float64) float64 { return truth(x != 0 || y != 0) },
}

// precedence of the operators of two operands; ^ alone goes from the right.
var precedence = map[token]int{
	or: 1, and: 2,
	'>': 3, '<': 3, ge: 3, le: 3, eq: 3, ne: 3,
	'+': 4, '-': 4, '*': 5, '/': 5, '%': 5, '^': 7,
}

func nonzero(x float64) float64 {
	if x == 0 {
		panic(failure("division by zero"))
	}
	return x
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
