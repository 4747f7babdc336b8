package config

import _ "embed" // the schema

//go:generate go test -run TestSchemaIsUpToDate -update .

//go:embed schema.json
var schema string

// Schema returns the JSON Schema of configurations, for editors. A file says where it is in its first line:
//
//	# yaml-language-server: $schema=schema.json
func Schema() string { return schema }
