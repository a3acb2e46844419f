# The version, and what a bug report needs.
$ braid version
~ braid \d+\.\d+\.\d+

$ braid --version
~ braid \d+\.\d+\.\d+

$ braid version --full
~ braid \d+\.\d+\.\d+
~ compiler  .+
~ libtorch  \d+\.\d+.*
~ kernels   .+ \(--kernels takes auto, .*reference\)
~ ffmpeg    .+
~ threads   \d+
~ waiting   .+

$ braid version --help
Print the version.
=
Usage: braid version [--full]
...
