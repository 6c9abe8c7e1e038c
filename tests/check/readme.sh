#!/bin/sh
# A newcomer needs the two commands, continuous integration runs the second; the README names every
# target of make, that of deploy/ every option of the configuration, and both stay short.
bad=0
manual=deploy/README.md
wrong()
{
	echo "$1" >&2
	bad=1
}

for command in 'make run' 'make test'; do
	grep -q "$command" README.md || wrong "README.md does not name $command"
done
grep -q '^[[:space:]]*make.* test$' .ci/run || wrong '.ci/run does not run make test'

options=$(sed -n 's/^OPTION_[A-Z]*([a-z_]*, "\([A-Z_]*\)".*/\1/p' internal/core/config.def)
[ -n "$options" ] || wrong 'no options found in core/config.def'
for option in $options; do
	default=$(sed -n "s/^OPTION_[A-Z]*([a-z_]*, \"$option\", \"\{0,1\}\([^,\"]*\).*/\1/p" \
		internal/core/config.def)
	case $default in NULL) default= ;; esac
	grep -q "^| \`$option\` | *\(\`$default\`\)\{0,1\} *|" $manual ||
		wrong "$manual has no row for the option $option with the default '$default'"
done
for option in $(sed -n 's/^| `\([A-Z][A-Z_]*\)` .*/\1/p' $manual); do
	echo "$options" | grep -qx "$option" || wrong "$manual names $option, which is no option"
done

for target in $(sed -n 's/^\([a-z-]*\):.*## .*/\1/p' Makefile); do
	grep -q "make $target" README.md || wrong "README.md does not name make $target"
done
for page in README.md $manual; do
	[ "$(wc -l <$page)" -le 500 ] || wrong "$page is longer than 500 lines"
done
exit $bad
