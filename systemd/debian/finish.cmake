# SPDX-License-Identifier: MIT
#
# Between installation and packing: what only a Debian package has. Policy wants manual pages and the
# changelog compressed; without a date inside, so that the same source gives the same bytes.

set(usr "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr")
set(doc "${usr}/share/doc/relaywatch")
set(here "${CMAKE_CURRENT_LIST_DIR}")
unset(ENV{DESTDIR}) # the paths are whole already
file(INSTALL "${here}/copyright" DESTINATION "${doc}")
file(INSTALL "${here}/changelog" DESTINATION "${doc}" RENAME changelog.Debian)
file(INSTALL "${here}/lintian-overrides" DESTINATION "${usr}/share/lintian/overrides"
     RENAME relaywatch)
file(REMOVE "${doc}/LICENSE") # it is in copyright
file(GLOB pages "${usr}/share/man/man*/*")
execute_process(COMMAND gzip -9n ${pages} "${doc}/changelog.Debian" COMMAND_ERROR_IS_FATAL ANY)
