# SPDX-License-Identifier: MIT
#
# Runs between installing and packing; adds what only a Debian package has. Policy wants manual pages
# and changelog compressed; gzip -n leaves the date out.

set(root "${CPACK_TEMPORARY_INSTALL_DIRECTORY}")
set(doc "${root}/usr/share/doc/relaywatch")
set(here "${CMAKE_CURRENT_LIST_DIR}")
unset(ENV{DESTDIR}) # these paths already begin with it
file(INSTALL "${here}/copyright" DESTINATION "${doc}")
file(INSTALL "${here}/changelog" DESTINATION "${doc}" RENAME changelog.Debian)
file(INSTALL "${here}/lintian-overrides" DESTINATION "${root}/usr/share/lintian/overrides"
     RENAME relaywatch)
# Debian's zsh looks here, too, and leaves site-functions to zsh itself.
file(INSTALL "${root}/usr/share/zsh/site-functions/_relaywatch"
     DESTINATION "${root}/usr/share/zsh/vendor-completions")
file(REMOVE_RECURSE "${root}/usr/share/zsh/site-functions")
file(REMOVE "${doc}/LICENSE") # copyright has the text
file(GLOB pages "${root}/usr/share/man/man*/*")
execute_process(COMMAND gzip -9n ${pages} "${doc}/changelog.Debian" COMMAND_ERROR_IS_FATAL ANY)
# CMake made the directories under the umask, and with 077 the service could not read its settings.
file(CHMOD_RECURSE "${root}/etc" "${root}/usr" DIRECTORY_PERMISSIONS
     OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
