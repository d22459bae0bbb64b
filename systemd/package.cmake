# SPDX-License-Identifier: MIT
#
# What gets installed, and the Debian package of it (`./dev package`). The paths below lib/ are
# systemd's own: they don't change with the architecture's library directory.

install(TARGETS relaywatch RUNTIME DESTINATION bin)
install(FILES systemd/relaywatch.catalog DESTINATION lib/systemd/catalog)
install(FILES systemd/relaywatch.sysusers DESTINATION lib/sysusers.d RENAME relaywatch.conf)
install(FILES systemd/man/relaywatch.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES systemd/man/relaywatch-json.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
install(FILES systemd/man/relaywatch.conf.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES systemd/relaywatch.bash DESTINATION share/bash-completion/completions
        RENAME relaywatch)
install(FILES systemd/relaywatch.fish DESTINATION share/fish/vendor_completions.d)
set(RELAYWATCH_ZSH_DIR share/zsh/site-functions CACHE STRING "where zsh finds completions")
install(FILES systemd/relaywatch.zsh DESTINATION ${RELAYWATCH_ZSH_DIR} RENAME _relaywatch)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY conf/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
# install.cmake finds the source and the build there.
install(CODE "set(source \"${CMAKE_SOURCE_DIR}\")\nset(build \"${CMAKE_BINARY_DIR}\")")
install(SCRIPT systemd/install.cmake)

# What needs librdkafka is a package of its own (component kafka).
if(TARGET relaywatch-kafka)
  install(TARGETS relaywatch-kafka RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR} COMPONENT kafka)
  install(FILES systemd/man/relaywatch-kafka.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8
          COMPONENT kafka)
  install(FILES systemd/relaywatch-kafka.socket DESTINATION lib/systemd/system COMPONENT kafka)
  install(CODE "set(source \"${CMAKE_SOURCE_DIR}\")\nset(build \"${CMAKE_BINARY_DIR}\")\n\
set(libexec \"${CMAKE_INSTALL_LIBEXECDIR}\")" COMPONENT kafka)
  install(SCRIPT systemd/install_kafka.cmake COMPONENT kafka)
endif()

# --- the Debian package ------------------------------------------------------------------------

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR relaywatch)
set(CPACK_PACKAGE_CONTACT "relaywatch maintainers <maintainers@relaywatch.invalid>")
# Install below $DESTDIR, so that the unit gets the final prefix.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# dpkg-shlibdeps adds the libraries; postinst needs systemd-sysusers.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd (>= 252)")
# Not Recommends: on a log server, that would install a mail server.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postfix, bash-completion")
set(CPACK_DEBIAN_PACKAGE_ENHANCES "postfix")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "watch a Postfix log and alert when the server is abused")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"relaywatch follows the log of a Postfix server, in the journal or in files,
rebuilds every message from its queue ID, and alerts when the server is being
abused: when it relays for strangers, when somebody sends through a stolen
login or a hacked script, or when it bounces mail to people who never wrote.
.
There is one alert per attack: who is doing it, how relaywatch knows, what is
still in the queue, and which setting stops it. It only reads the log and
never touches the mail flow.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${CMAKE_SOURCE_DIR}/systemd/debian/conffiles ${CMAKE_SOURCE_DIR}/systemd/debian/postinst
    ${CMAKE_SOURCE_DIR}/systemd/debian/prerm ${CMAKE_SOURCE_DIR}/systemd/debian/postrm)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/systemd/debian/finish.cmake)
# Without the component kafka, which kafka_package.cmake makes a package of.
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};${PROJECT_NAME};Unspecified;/")
include(CPack)
if(TARGET relaywatch-kafka)
  configure_file(systemd/kafka_package.cmake CPackKafkaConfig.cmake @ONLY)
endif()
