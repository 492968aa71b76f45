#!/bin/sh
# Runs inside the official image before Nginx starts: the first list, then the check in the background.
set -e
mkdir -p "$NGINX_RUN_FOLDER"
sh /etc/nginx/active-check.sh write-all
sh /etc/nginx/active-check.sh watch &
