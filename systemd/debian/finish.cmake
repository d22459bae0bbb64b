# SPDX-License-Identifier: MIT
#
# Runs between installing and packing; adds what only a Debian package has.

include("${CMAKE_CURRENT_LIST_DIR}/documents.cmake")
add_documents(relaywatch "${CMAKE_CURRENT_LIST_DIR}/lintian-overrides")
# Debian's zsh looks here, too, and leaves site-functions to zsh itself.
file(INSTALL "${root}/usr/share/zsh/site-functions/_relaywatch"
     DESTINATION "${root}/usr/share/zsh/vendor-completions")
file(REMOVE_RECURSE "${root}/usr/share/zsh/site-functions")
file(REMOVE "${root}/usr/share/doc/relaywatch/LICENSE") # copyright has the text
open_directories("${root}/etc" "${root}/usr")
