# SPDX-License-Identifier: MIT
#
# What `cmake --install` has no rule for: the unit calls the program by its installed path, and
# settings that exist already stay. file(INSTALL) adds $DESTDIR by itself, file(CHMOD) does not.

file(READ "${source}/systemd/relaywatch.service" unit)
string(REPLACE "=/usr/bin/" "=${CMAKE_INSTALL_PREFIX}/bin/" unit "${unit}")
file(WRITE "${build}/relaywatch.service" "${unit}")
file(INSTALL "${build}/relaywatch.service"
     DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")

# Not below the prefix: the program always looks for its settings there. The service must be able to
# read them, whatever the umask.
if(NOT EXISTS "$ENV{DESTDIR}/etc/relaywatch/relaywatch.conf")
  file(INSTALL "${source}/conf/relaywatch.conf" DESTINATION "/etc/relaywatch")
  file(CHMOD "$ENV{DESTDIR}/etc/relaywatch" DIRECTORY_PERMISSIONS
       OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endif()
