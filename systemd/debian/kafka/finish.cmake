# SPDX-License-Identifier: MIT
#
# As ../finish.cmake, for relaywatch-kafka.

set(root "${CPACK_TEMPORARY_INSTALL_DIRECTORY}")
set(doc "${root}/usr/share/doc/relaywatch-kafka")
set(here "${CMAKE_CURRENT_LIST_DIR}")
unset(ENV{DESTDIR}) # these paths already begin with it
file(INSTALL "${here}/../copyright" DESTINATION "${doc}")
file(INSTALL "${here}/../changelog" DESTINATION "${doc}" RENAME changelog.Debian)
file(INSTALL "${here}/lintian-overrides" DESTINATION "${root}/usr/share/lintian/overrides"
     RENAME relaywatch-kafka)
execute_process(COMMAND gzip -9n "${root}/usr/share/man/man8/relaywatch-kafka.8"
                "${doc}/changelog.Debian" COMMAND_ERROR_IS_FATAL ANY)
file(CHMOD_RECURSE "${root}/usr" DIRECTORY_PERMISSIONS
     OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
