# Turns the names of sources, one a line, into compile_commands.json: folder and command are given.
BEGIN {
	printf "["
}
{
	printf "%s\n{\"directory\": \"%s\", \"file\": \"%s\", \"command\": \"%s %s\"}",
		(NR > 1 ? "," : ""), folder, $0, command, $0
}
END {
	print "\n]"
}
