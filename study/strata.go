package study

import "slices"

// seeds returns the number of points that differ in their seed alone.
func (s *sweep) seeds() int { return max(s.base.Sweep.Seeds, 1) }

// combinations returns the values of every point, seeds left out.
func (s *sweep) combinations() [][]string {
	var table [][]string
	for k := 0; k < len(s.points); k += s.seeds() {
		table = append(table, s.points[k].Values)
	}
	return table
}

// strong returns the columns that decide what is run, and so what it costs: schedules, engines, cases.
func (s *sweep) strong() []bool {
	var list []bool
	for _, c := range s.base.Sweep.Columns() {
		list = append(list, slices.Contains([]string{"case", "learning.schedule", "time.engine", "time.mode", "network.grain", "dtype"}, c))
	}
	return list
}

// alike says how much two rows have in common: each strong column counts more than all others together.
func alike(a, b []string, strong []bool) (n int) {
	for i := range a {
		switch {
		case a[i] == b[i] && strong[i]:
			n += len(a) + 1
		case a[i] == b[i]:
			n++
		}
	}
	return n
}

// stratify returns rows of table to be tried: each time the one that is least like those chosen before, at least n of them if
// there are as many, and more until every combination of strong columns and every other value is among them.
func stratify(table [][]string, strong []bool, n int) (chosen []int) {
	missing := map[string]bool{}
	for _, row := range table {
		for _, s := range strata(row, strong) {
			missing[s] = true
		}
	}
	nearest := make([]int, len(table)) // to what is chosen
	for len(chosen) < len(table) && (len(chosen) < n || len(missing) > 0) {
		best := -1
		for k := range table {
			fresh := len(missing) == 0 || slices.ContainsFunc(strata(table[k], strong), func(s string) bool { return missing[s] })
			if fresh && !slices.Contains(chosen, k) && (best < 0 || nearest[k] < nearest[best]) {
				best = k
			}
		}
		chosen = append(chosen, best)
		for _, s := range strata(table[best], strong) {
			delete(missing, s)
		}
		for k := range table {
			nearest[k] = max(nearest[k], alike(table[k], table[best], strong))
		}
	}
	return chosen
}

// strata names what has to be tried of a row: its strong values together, each other value.
func strata(row []string, strong []bool) []string {
	together := "\x00"
	var list []string
	for i, v := range row {
		if strong[i] {
			together += v + "\x00"
		} else {
			list = append(list, string(rune('0'+i))+v)
		}
	}
	return append(list, together)
}

// expected returns what row k costs: the mean of the probes that it equals most.
func expected(table [][]string, strong []bool, k int, probes []int, cost [][2]float64) (mean [2]float64) {
	most, n := -1, 0.0
	for i, p := range probes {
		m := alike(table[k], table[p], strong)
		if m > most {
			most, n, mean = m, 0, [2]float64{}
		}
		if m == most {
			n++
			mean[0], mean[1] = mean[0]+(cost[i][0]-mean[0])/n, mean[1]+(cost[i][1]-mean[1])/n
		}
	}
	return mean
}
