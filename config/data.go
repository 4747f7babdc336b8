package config

import (
	"slices"
	"strings"

	"github.com/retrodict/retrodict/data"
)

// A source is an entry of the table of data sets.
type source struct {
	name    string
	ownTest bool // it has a test set of its own
	load    func(d Data, seed uint64) (train, test *data.Set, err error)
}

// sources returns the sets that have a name, in a fixed order.
func sources() []source {
	whole := func(s *data.Set, err error) (*data.Set, *data.Set, error) { return s, nil, err }
	return []source{
		{"digits", false, func(Data, uint64) (*data.Set, *data.Set, error) { return whole(data.Digits()) }},
		{"iris", false, func(Data, uint64) (*data.Set, *data.Set, error) { return whole(data.Iris()) }},
		{"fashion-mnist", true, func(d Data, _ uint64) (*data.Set, *data.Set, error) { return data.FashionMNIST(d.Dir) }},
		{"mnist", true, func(d Data, _ uint64) (*data.Set, *data.Set, error) { return data.MNIST(d.Dir) }},
		{"cifar10", true, func(d Data, _ uint64) (*data.Set, *data.Set, error) { return data.CIFAR10(d.Dir) }},
		{"xor", false, func(_ Data, seed uint64) (*data.Set, *data.Set, error) { return whole(data.XOR(seed, 400, 0.1)) }},
		{"sine", false, func(_ Data, seed uint64) (*data.Set, *data.Set, error) { return whole(data.Sine(seed, 400, 0.05)) }},
		{"blobs", false, func(_ Data, seed uint64) (*data.Set, *data.Set, error) {
			return whole(data.Blobs(seed, data.BlobConfig{}))
		}},
		{"reber", false, func(_ Data, seed uint64) (*data.Set, *data.Set, error) { return whole(data.Reber(seed, 500, 12)) }},
		{"opticks", false, func(Data, uint64) (*data.Set, *data.Set, error) { return whole(data.Opticks(data.Windows{})) }},
	}
}

// Sets returns the names of the data sets.
func Sets() []string {
	var names []string
	for _, s := range sources() {
		names = append(names, s.name)
	}
	return names
}

func ownTest(set string) bool {
	return slices.ContainsFunc(sources(), func(s source) bool { return s.name == set && s.ownTest })
}

// sources returns the keys that say where data come from.
func (d Data) sources() []string {
	var keys []string
	for _, k := range [][2]string{{"set", d.Set}, {"npz", d.NPZ}, {"npy", d.NPY}, {"csv", d.CSV}, {"idx", d.IDX}} {
		if k[1] != "" {
			keys = append(keys, k[0])
		}
	}
	return keys
}

func (l *Loaded) checkData() error {
	d := l.Data
	keys := d.sources()
	if len(keys) != 1 {
		return l.where.error("data", "%s exclude each other: keep one", strings.Join(keys, " and "))
	}
	from := keys[0]
	for _, k := range []struct {
		key, sources string
		set          bool
	}{
		{"dir", "set", d.Dir != ""}, {"x", "npz", d.X != ""}, {"y", "npz", d.Y != ""}, {"label", "csv", d.Label != ""},
		{"regression", "csv", d.Regression}, {"labels", "idx npy", d.Labels != ""},
	} {
		if k.set && !slices.Contains(strings.Fields(k.sources), from) {
			return l.where.error("data."+k.key, "%s has no %s: leave it out", from, k.key)
		}
	}
	switch {
	case (from == "idx" || from == "npy") && d.Labels == "":
		return l.where.error("data."+from, "no labels: add the key labels with their file")
	case from == "set" && ownTest(d.Set) && l.given("data.test"):
		return l.where.error("data.test", "%s has a test set of its own: leave it out", d.Set)
	case !ownTest(d.Set) && !(d.Test > 0 && d.Test < 1):
		return l.where.error("data.test", "%v: want a fraction between 0 and 1", d.Test)
	case d.Batch < 1 || d.Batch > 1<<24:
		return l.where.error("data.batch", "%d rows: want 1 or more", d.Batch)
	case d.Limit < 0:
		return l.where.error("data.limit", "%d rows: want 1 or more", d.Limit)
	case from == "set":
		return l.oneOf("data.set", d.Set, Sets()...)
	}
	return nil
}

// load reads the data and divides them.
func (l *Loaded) load() (train, test *data.Set, err error) {
	d := l.Data
	key := d.sources()[0]
	switch key {
	case "npz":
		train, err = data.LoadNPZ(d.NPZ, d.X, d.Y, data.Limit{})
	case "npy":
		train, err = data.LoadNPY(d.NPY, d.Labels, data.Limit{})
	case "csv":
		train, err = data.LoadCSV(d.CSV, data.CSV{Label: d.Label, Regression: d.Regression})
	case "idx":
		train, err = data.LoadIDX("idx", d.IDX, d.Labels, nil, data.Limit{})
	default:
		for _, s := range sources() {
			if s.name == d.Set {
				train, test, err = s.load(d, l.Seed)
			}
		}
	}
	if err != nil {
		return nil, nil, l.where.error("data."+key, "%v", trim(err))
	}
	if d.Limit > 0 {
		train = train.Head(d.Limit)
	}
	if test == nil {
		if train, test, err = train.Split(d.Test, l.Seed); err != nil {
			return nil, nil, l.where.error("data.test", "%v", trim(err))
		}
	}
	if d.Standardize {
		if !train.X.Type().IsFloat() {
			return nil, nil, l.where.error("data.standardize", "the inputs are indices, not numbers")
		}
		data.Standardize(train, test)
	}
	if train.Len() < d.Batch {
		return nil, nil, l.where.error("data.batch", "%d rows: there are only %d to learn from", d.Batch, train.Len())
	}
	return train, test, nil
}
