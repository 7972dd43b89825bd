/// The script `/usr/local/bin/apk` of the base image: published Dockerfiles were written for Alpine and call `apk add`.
enum PackageStandIn {
    static let script = #"""
        #!/bin/sh
        # apk for Debian: translates the calls that Dockerfiles written for Alpine make into apt-get.
        set -u
        virtuals=/var/lib/al-apk
        export DEBIAN_FRONTEND=noninteractive

        say() { echo "apk: $*" >&2; }

        debian_name() {
            case $1 in
            github-cli) echo gh ;;
            aws-cli) echo awscli ;;
            docker-cli) echo docker.io ;;
            sqlite) echo sqlite3 ;;
            fd) echo fd-find ;;
            bind-tools) echo dnsutils ;;
            xz) echo xz-utils ;;
            shadow) echo passwd ;;
            su-exec) echo gosu ;;
            iputils) echo iputils-ping ;;
            procps-ng) echo procps ;;
            py3-pip) echo python3-pip ;;
            py3-virtualenv) echo python3-venv ;;
            py3-*) echo "python3-${1#py3-}" ;;
            build-base | alpine-sdk) echo build-essential ;;
            musl-dev | libc-dev) echo libc6-dev ;;
            linux-headers) echo linux-libc-dev ;;
            openssl-dev) echo libssl-dev ;;
            zlib-dev) echo zlib1g-dev ;;
            postgresql-dev) echo libpq-dev ;;
            mariadb-dev) echo libmariadb-dev ;;
            sqlite-dev) echo libsqlite3-dev ;;
            jpeg-dev) echo libjpeg-dev ;;
            libxslt-dev) echo libxslt1-dev ;;
            ncurses-dev) echo libncurses-dev ;;
            readline-dev) echo libreadline-dev ;;
            openssh | openssh-client-default) echo openssh-client ;;
            postgresql[0-9]*-client) echo postgresql-client ;;
            mysql-client) echo mariadb-client ;;
            nodejs-current) echo nodejs ;;
            yarn) echo yarnpkg ;;
            go) echo golang-go ;;
            rust) echo rustc ;;
            openjdk[0-9]*) version=${1#openjdk}; echo "openjdk-${version%%-*}-jdk-headless" ;;
            ttf-freefont) echo fonts-freefont-ttf ;;
            font-noto) echo fonts-noto-core ;;
            libc6-compat | gcompat | musl | alpine-keys) ;;
            *-dev)
                if apt-cache show "$1" >/dev/null 2>&1; then echo "$1"; else echo "lib${1%-dev}-dev"; fi ;;
            *) echo "$1" ;;
            esac
        }

        need_root() { [ "$(id -u)" = 0 ] || { say "needs root: put USER root before this step"; exit 1; }; }

        fetch_lists() {
            for list in /var/lib/apt/lists/*_Packages*; do [ -e "$list" ] && return 0; done
            apt-get update
        }

        add() {
            virtual= asked= packages=
            while [ $# -gt 0 ]; do
                case $1 in
                --no-cache | -U | --update | --update-cache | -q | --quiet | --allow-untrusted) ;;
                -X | --repository) say "ignored: $1 $2"; shift ;;
                --repository=*) say "ignored: $1" ;;
                -t | --virtual) virtual=$2; shift ;;
                --virtual=*) virtual=${1#*=} ;;
                -*) say "ignored: $1" ;;
                *.apk) say "$1 is an Alpine package; this image is Debian"; exit 1 ;;
                *) asked="$asked $1" ;;
                esac
                shift
            done
            need_root
            fetch_lists || exit
            for name in $asked; do
                plain=${name%%[=<>~@]*}
                [ "$plain" = "$name" ] || say "version or repository of $name ignored"
                packages="$packages $(debian_name "$plain")"
            done
            packages=$(echo $packages)
            if [ -n "$virtual" ]; then mkdir -p "$virtuals" && echo "$packages" >"$virtuals/$virtual"; fi
            [ -n "$packages" ] || return 0
            say "this image is Debian; the same without apk: apt-get install -y --no-install-recommends $packages"
            apt-get install -y --no-install-recommends $packages
            status=$?
            rm -rf /var/lib/apt/lists/*
            return $status
        }

        del() {
            need_root
            packages=
            for name in "$@"; do
                case $name in
                -*) continue ;;
                esac
                if [ -f "$virtuals/$name" ]; then
                    packages="$packages $(cat "$virtuals/$name")"
                    rm -f "$virtuals/$name"
                else
                    packages="$packages $(debian_name "$name")"
                fi
            done
            [ -z "$(echo $packages)" ] || apt-get purge -y --autoremove $packages
        }

        while [ $# -gt 0 ]; do
            case $1 in
            --no-cache | -U | -q | --quiet) shift ;;
            *) break ;;
            esac
        done
        call=${1:-}
        [ $# -eq 0 ] || shift
        case $call in
        add) add "$@" ;;
        update) need_root; apt-get update ;;
        upgrade) need_root; fetch_lists && apt-get upgrade -y ;;
        del) del "$@" ;;
        info)
            if [ "${1:-}" = -e ] && [ $# -eq 2 ]; then
                dpkg -s "$(debian_name "$2")" >/dev/null 2>&1 && echo "$2"
            else
                say "this image is Debian; use dpkg -l"
                exit 1
            fi ;;
        --version) echo "apk stand-in of al (apt-get underneath)" ;;
        *) say "this image is Debian and knows add, del, update, upgrade, info -e; use apt-get for '$call'"; exit 1 ;;
        esac

        """#
}
