package retrodict

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/retrodict/retrodict"

// A policy says what a package may do.
type policy struct {
	imports string // packages of this module, apart from its own internal ones; "*" is all
	pure    bool   // it computes: no clock, files, network, log, no iteration over maps
	others  string // modules that are not ours, by prefix; "*" is all
	starts  string // why it may start goroutines; "": it may not
}

// The lattice: every package of the module must be listed. A package above may be imported by one below that names it.
var policies = map[string]policy{
	"tensor":                 {imports: "", pure: true, others: "gonum.org/v1/gonum/blas"},
	"tensor/internal/par":    {starts: "it is the worker pool of kernels"}, // how long it waits depends on the clock, what it computes does not
	"tensor/internal/kernel": {pure: true, others: "golang.org/x/sys/cpu"},
	"tensor/openblas":        {imports: "tensor", others: "github.com/ebitengine/purego"},
	"op":                     {imports: "tensor", pure: true},
	"op/optest":              {imports: "op tensor", pure: true},
	"graph":                  {imports: "op tensor", pure: true},
	"network":                {imports: "graph op tensor", pure: true},
	"synapse":                {imports: "tensor", pure: true},
	"engine":                 {imports: "graph op synapse tensor", pure: true},
	"engine/enginetest":      {imports: "bp engine graph network op synapse tensor tensor/openblas"},
	"neuron":                 {imports: "graph op synapse tensor", pure: true},
	"bp":                     {imports: "engine graph op synapse tensor", pure: true},
	"pc":                     {imports: "engine graph neuron op synapse tensor", pure: true},
	"sim":                    {imports: "engine graph neuron op pc synapse tensor", pure: true},

	"encoding/internal/atomicfile": {},
	"encoding/internal/raw":        {imports: "tensor"},
	"encoding/npy":                 {imports: "encoding/internal/atomicfile encoding/internal/raw graph op tensor"},
	"encoding/safetensors":         {imports: "encoding/internal/atomicfile encoding/internal/raw graph op tensor"},
	"encoding/table":               {imports: "encoding/internal/atomicfile", others: "github.com/parquet-go/parquet-go"},
	"encoding/onnx":                {imports: "encoding/internal/atomicfile encoding/internal/raw graph op tensor", others: "google.golang.org/protobuf/encoding/protowire"},

	"actors/wire": {imports: "graph neuron op tensor", others: "google.golang.org/protobuf"},
	"actors": {imports: "actors/wire engine graph neuron op pc sim synapse tensor", others: "github.com/asynkron/protoactor-go google.golang.org/protobuf",
		starts: "actors run on goroutines"},

	"model":       {imports: "encoding/npy encoding/onnx encoding/safetensors engine graph network op tensor"},
	"data":        {imports: "encoding/npy tensor"},
	"train":       {imports: "data engine graph synapse tensor"},
	"record":      {imports: "encoding/npy encoding/safetensors encoding/onnx encoding/table engine graph neuron tensor", starts: "recordings are written beside the run"},
	"catalog":     {imports: "record", others: "github.com/goccy/go-yaml modernc.org/sqlite"},
	"plot":        {imports: "record", others: "gonum.org/v1/plot gonum.org/v1/gonum/stat/distuv golang.org/x/image/font"},
	"config":      {imports: "*", others: "*"},
	"study":       {imports: "*", others: "*", starts: "runs of a sweep are independent"},
	"experiments": {imports: "*", others: "*"},
	"python":      {},
	"bench":       {imports: "*", others: "*"},
	"cmd":         {imports: "*", others: "*", starts: "signals and servers"},
}

// policyOf returns the policy of a package: its own, or for commands and experiments that of the folder.
func policyOf(name string) (policy, bool) {
	p, ok := policies[name]
	if first, _, cut := strings.Cut(name, "/"); !ok && cut && (first == "cmd" || first == "experiments") {
		p, ok = policies[first]
	}
	return p, ok
}

// forbidden are the packages of the standard library that a pure package may not import, nor what lies below them.
var forbidden = []string{"time", "os", "net", "log", "crypto/rand", "math/rand", "syscall", "plugin"}

// A listed package, as "go list" describes it.
type listed struct {
	ImportPath     string
	Name           string
	Dir            string
	Export         string
	GoFiles        []string
	IgnoredGoFiles []string
}

// list runs "go list" with the arguments.
func list(t *testing.T, args ...string) []listed {
	cmd := exec.Command("go", append([]string{"list", "-e"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// local returns the name of a package of this module, such as "tensor/internal/par".
func local(path string) (string, bool) { return strings.CutPrefix(path, module+"/") }

// packages returns the packages of the module that are not commands to generate code.
func packages(t *testing.T) []listed {
	return slices.DeleteFunc(list(t, "-json=ImportPath,Name,Dir,GoFiles,IgnoredGoFiles", "./..."), func(p listed) bool {
		name, ok := local(p.ImportPath)
		return !ok || len(p.GoFiles) == 0 || p.Name == "main" && !strings.HasPrefix(name, "cmd/")
	})
}

// files parses all files of p that are not tests, those for other systems too.
func (p listed) files(t *testing.T, fset *token.FileSet) []*ast.File {
	var list []*ast.File
	for _, name := range append(slices.Clone(p.GoFiles), p.IgnoredGoFiles...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		if f.Name.Name == p.Name { // else a program to generate code
			list = append(list, f)
		}
	}
	return list
}

func importsOf(f *ast.File) []string {
	var list []string
	for _, i := range f.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		list = append(list, path)
	}
	return list
}

// below reports whether path is prefix or lies below it.
func below(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }

// complaint returns what is wrong with an import of package name, "" if nothing.
func (p policy) complaint(name, path string) string {
	if to, ok := local(path); ok {
		if p.imports == "*" || slices.Contains(strings.Fields(p.imports), to) || strings.HasPrefix(to, name+"/internal/") {
			return ""
		}
		return "the lattice does not allow it"
	}
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
		for _, m := range strings.Fields(p.others) {
			if m == "*" || below(path, m) {
				return ""
			}
		}
		return "it is not ours"
	}
	if path == "math/rand" {
		return "use math/rand/v2"
	}
	for _, f := range forbidden {
		if p.pure && below(path, f) && path != "math/rand/v2" {
			return "the package computes"
		}
	}
	return ""
}

func TestImports(t *testing.T) {
	require.Greater(t, len(packages(t)), 20)
	for _, p := range packages(t) {
		name, _ := local(p.ImportPath)
		policy, ok := policyOf(name)
		if !assert.True(t, ok, "%s is not in the lattice: add it to policies, with what it may import", name) {
			continue
		}
		documented := false
		for _, f := range p.files(t, token.NewFileSet()) {
			documented = documented || f.Doc != nil
			for _, path := range importsOf(f) {
				if why := policy.complaint(name, path); why != "" {
					t.Errorf("%s imports %s: %s", name, path, why)
				}
			}
		}
		assert.True(t, documented, "%s has no package comment", name)
	}
}

// The policy itself, tried on imports that must be refused.
func TestImportsThatAreRefused(t *testing.T) {
	for _, c := range [][2]string{
		{"bp", module + "/neuron"}, {"bp", module + "/pc"}, {"neuron", module + "/engine"}, {"graph", module + "/tensor/internal/par"},
		{"neuron", "time"}, {"pc", "os"}, {"tensor", "net/http"}, {"sim", "log/slog"}, {"op", "math/rand"}, {"engine", "crypto/rand"},
		{"tensor", "gonum.org/v1/gonum/mat"}, {"pc", "github.com/asynkron/protoactor-go/actor"}, {"plot", module + "/engine"},
	} {
		assert.NotEmpty(t, policies[c[0]].complaint(c[0], c[1]), "%s imports %s", c[0], c[1])
	}
	for _, c := range [][2]string{
		{"bp", module + "/engine"}, {"tensor", module + "/tensor/internal/par"}, {"neuron", "math/rand/v2"}, {"engine", "crypto/sha256"},
		{"tensor", "gonum.org/v1/gonum/blas/gonum"}, {"record", "time"},
	} {
		assert.Empty(t, policies[c[0]].complaint(c[0], c[1]), "%s imports %s", c[0], c[1])
	}
}

// inspect calls f for every node of all files of the module, with the function that it is in.
func inspect(t *testing.T, f func(name, function string, file *ast.File, n ast.Node, at string)) {
	for _, p := range packages(t) {
		name, _ := local(p.ImportPath)
		fset := token.NewFileSet()
		for _, file := range p.files(t, fset) {
			for _, d := range file.Decls {
				ast.Inspect(d, func(n ast.Node) bool {
					if n != nil {
						f(name, functionName(d), file, n, fset.Position(n.Pos()).String())
					}
					return true
				})
			}
		}
	}
}

func functionName(d ast.Decl) string {
	if f, ok := d.(*ast.FuncDecl); ok {
		return f.Name.Name
	}
	return ""
}

func TestGoroutinesStartWhereTheyMay(t *testing.T) {
	inspect(t, func(name, _ string, _ *ast.File, n ast.Node, at string) {
		if _, ok := n.(*ast.GoStmt); !ok {
			return
		}
		if p, _ := policyOf(name); p.starts == "" {
			t.Errorf("%s starts a goroutine: %s", name, at)
		}
	})
}

// generators are what may be used of math/rand/v2: everything that does not draw from the global source.
var generators = []string{"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "PCG", "ChaCha8", "Zipf"}

func TestRandomnessIsPassedIn(t *testing.T) {
	inspect(t, func(name, _ string, file *ast.File, n ast.Node, at string) {
		s, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains(importsOf(file), "math/rand/v2") {
			return
		}
		if x, ok := s.X.(*ast.Ident); ok && x.Name == "rand" && !slices.Contains(generators, s.Sel.Name) {
			t.Errorf("%s draws from the global source, rand.%s: %s", name, s.Sel.Name, at)
		}
	})
}

func TestNoInit(t *testing.T) {
	inspect(t, func(name, function string, _ *ast.File, n ast.Node, at string) {
		if f, ok := n.(*ast.FuncDecl); ok && function == "init" && f.Recv == nil && !strings.HasPrefix(name, "cmd/") {
			t.Errorf("%s has an init: %s", name, at)
		}
	})
}

// unordered lists the functions of pure packages that range over a map, and why the order does not matter.
var unordered = map[string]string{
	"graph unknown": "the names are sorted",
}

// A pure package ranges over no map: the order would differ from run to run.
func TestNoMapIsRangedOver(t *testing.T) {
	fset := token.NewFileSet()
	exports := map[string]string{}
	args := []string{"-export", "-deps", "-json=ImportPath,Export"}
	var pure []listed
	for _, p := range packages(t) {
		name, _ := local(p.ImportPath)
		if policies[name].pure {
			pure, args = append(pure, p), append(args, p.ImportPath)
		}
	}
	for _, p := range list(t, args...) {
		exports[p.ImportPath] = p.Export
	}
	lookup := func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data for %s", path)
		}
		return os.Open(exports[path])
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	used := map[string]bool{}
	for _, p := range pure {
		p.IgnoredGoFiles = nil // of another system: they do not fit together
		files, info := p.files(t, fset), &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
		_, err := conf.Check(p.ImportPath, fset, files, info)
		require.NoError(t, err)
		name, _ := local(p.ImportPath)
		for _, file := range files {
			for _, d := range file.Decls {
				ast.Inspect(d, func(n ast.Node) bool {
					if r, ok := n.(*ast.RangeStmt); ok && isMap(info.TypeOf(r.X)) {
						if key := name + " " + functionName(d); unordered[key] == "" {
							t.Errorf("%s ranges over a map: %s", name, fset.Position(r.Pos()))
						} else {
							used[key] = true
						}
					}
					return true
				})
			}
		}
	}
	for key := range unordered {
		assert.True(t, used[key], "%s ranges over no map any more: take it off the list", key)
	}
}

func isMap(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}
