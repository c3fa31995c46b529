"""Units for systemd: Serein at boot, and a backup every night."""

from __future__ import annotations

import sys
from pathlib import Path

SERVICE = """[Unit]
Description=Serein
After=network-online.target postgresql.service
Wants=network-online.target

[Service]
User={user}
Environment=SEREIN_DATA={data}
ExecStart={program} serve
Restart=on-failure
RestartSec=1
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
ReadWritePaths={writes}

[Install]
WantedBy=multi-user.target
"""
BACKUP = """[Unit]
Description=Backup of Serein, proved by a trial restore
After=serein.service

[Service]
Type=oneshot
User={user}
Environment=SEREIN_DATA={data}
ExecStart={program} backup
"""
TIMER = """[Unit]
Description=Backup of Serein every night

[Timer]
OnCalendar=*-*-* 02:15:00
RandomizedDelaySec=10m
Persistent=true

[Install]
WantedBy=timers.target
"""


def units(data: Path, backup_folder: Path, user: str) -> dict[str, str]:
    """The text of each unit by its file name."""
    program = Path(sys.argv[0]).resolve()
    writes = " ".join(dict.fromkeys(map(str, (data, backup_folder))))
    given = {"user": user, "data": data, "program": program, "writes": writes}
    return {
        "serein.service": SERVICE.format(**given),
        "serein-backup.service": BACKUP.format(**given),
        "serein-backup.timer": TIMER,
    }
