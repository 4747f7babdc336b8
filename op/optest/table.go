package optest

// Table returns a row for every elementary function, in a fixed order. A family adds a file with a function that
// returns its rows, and a line here.
func Table() []Row {
	var rows []Row
	for _, family := range []func() []Row{
		basicRows,
		structureRows,
		activationRows,
		axesRows,
		gatherRows,
		convRows,
		poolRows,
		normRows,
		resizeRows,
		dataRows,
		scatterRows,
	} {
		rows = append(rows, family()...)
	}
	return rows
}
