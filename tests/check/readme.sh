#!/bin/sh
# A newcomer needs the two commands, and continuous integration runs the second.
bad=0
for command in 'make run' 'make test'; do
	grep -q "$command" README.md || { echo "README.md does not name $command" >&2; bad=1; }
done
grep -q '^make.* test$' .ci/run || { echo '.ci/run does not run make test' >&2; bad=1; }
exit $bad
