package record

import "strings"

// plain are the characters that no POSIX shell reads as anything else.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/=,:@%+"

// CommandLine returns words as one line that a POSIX shell splits into just these words.
func CommandLine(words ...string) string {
	line := make([]string, len(words))
	for i, w := range words {
		line[i] = w
		if w == "" || strings.Trim(w, plain) != "" {
			line[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(line, " ")
}
