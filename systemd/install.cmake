# SPDX-License-Identifier: MIT
#
# What `cmake --install` can't do by a rule: the unit names the program with the path it is installed
# under, and settings that are there already stay. file(INSTALL) goes below $DESTDIR by itself.

file(READ "${source}/systemd/relaywatch.service" unit)
string(REPLACE "=/usr/bin/" "=${CMAKE_INSTALL_PREFIX}/bin/" unit "${unit}")
file(WRITE "${build}/relaywatch.service" "${unit}")
file(INSTALL "${build}/relaywatch.service"
     DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")

# The program knows this path, whatever the prefix is.
if(NOT EXISTS "$ENV{DESTDIR}/etc/relaywatch/relaywatch.conf")
  file(INSTALL "${source}/conf/relaywatch.conf" DESTINATION "/etc/relaywatch")
endif()
