#!/bin/bash
# Exit 0 when nginx answers on its own loopback address.
exec 3<>/dev/tcp/127.0.0.1/8082 || exit 1
printf 'GET / HTTP/1.0\r\n\r\n' >&3
read -r -t 3 line <&3
[[ $line == *' 204 '* ]]
