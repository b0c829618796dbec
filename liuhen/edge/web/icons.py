"""Line icons: 24 box, stroke 1.7, currentColor. Written into the page where they are used, so that a part swapped in
by htmx needs no sprite; gzip makes repeats nearly free."""

from markupsafe import Markup, escape

PATHS: dict[str, str] = {
    "bank": '<rect x="3.5" y="6" width="17" height="12" rx="2"/><path d="M3.5 10h17M7 14.500h3"/>',
    "bell": (
        '<path d="M4 7.500A2.5 2.5 0 0 1 6.5 5h11A2.5 2.5 0 0 1 20 7.500v9a2.5 2.5 0 0 1-2.5'
        ' 2.500h-11A2.5 2.5 0 0 1 4 16.500zM4.5 8l7.5 5.500L19.5 8"/>'
    ),
    "box": '<path d="M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8"/>',
    "chain": (
        '<circle cx="12" cy="5.5" r="2"/><circle cx="12" cy="12" r="2"/>'
        '<circle cx="12" cy="18.5" r="2"/><path d="M12 7.5V10M12 14v2.5"/>'
    ),
    "chat": ('<path d="M4.5 6.5a2 2 0 0 1 2-2h11a2 2 0 0 1 2 2v7.5a2 2 0 0 1-2 2H11l-4.5 4v-4a2 2 0 0 1-2-2z"/>'),
    "check": '<path d="M5 12.500l4.5 4.500L19 7"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.500V12l3 2"/>',
    "code": '<path d="M8.5 8L4.5 12l4 4M15.5 8l4 4-4 4"/>',
    "coin": '<circle cx="12" cy="12" r="8.5"/><path d="M9 8.500l3 4 3-4M12 12.500V17M9.5 13.500h5"/>',
    "copy": (
        '<rect x="8.5" y="8.5" width="11" height="11" rx="2"/>'
        '<path d="M15.5 8.500v-2a2 2 0 0 0-2-2h-7a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h2"/>'
    ),
    "doc": '<path d="M6.5 3.500h7l4 4v13h-11zM13.5 3.500v4h4M9.5 12h5M9.5 15.500h5"/>',
    "down": '<path d="M6 9l6 6 6-6"/>',
    "download": '<path d="M12 5v11M8 12l4 4 4-4M5 19.500h14"/>',
    "edit": '<path d="M5 19l.8-3.7L16.3 4.8l2.9 2.9L8.7 18.2z"/>',
    "eye": (
        '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/>'
        '<circle cx="12" cy="12" r="2.75"/>'
    ),
    "filter": '<path d="M4.5 6.5h15M7.5 12h9M10.5 17.5h3"/>',
    "game": (
        '<path d="M7.5 7.500h9a4.5 4.5 0 0 1 4.4 5.400l-.5 2.600a2.3 2.3 0 0 1-4 1.100L15 15H9'
        "l-1.4 1.600a2.3 2.3 0 0 1-4-1.100l-.5-2.600A4.5 4.5 0 0 1 7.5 7.500zM8.5 10v3M7 11.500h3"
        'M15.5 10.500v.1M17 12.500v.1"/>'
    ),
    "gear": ('<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>'),
    "gift": (
        '<path d="M4.5 11.500v8h15v-8M3.5 8h17v3.500h-17zM12 8v11.500M12 8c-4.5 0-5-4-2.5-4S12 8'
        ' 12 8zM12 8c4.5 0 5-4 2.5-4S12 8 12 8z"/>'
    ),
    "globe": ('<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c5 5 5 12 0 17M12 3.5c-5 5-5 12 0 17"/>'),
    "hand": (
        '<path d="M4 20c.6-3.5 2.8-5 5.5-5s4.9 1.5 5.5 5"/><circle cx="9.5" cy="9.5" r="3.3"/>'
        '<path d="M16 5.500h5M18.5 3v5"/>'
    ),
    "image": (
        '<rect x="3.5" y="5" width="17" height="14" rx="2"/><circle cx="9" cy="10" r="1.5"/>'
        '<path d="M4 17l5-4 3.5 2.500L16 12l4.5 4"/>'
    ),
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8v.1"/>',
    "key": '<circle cx="8" cy="15.5" r="4"/><path d="M11 12.500l8.5-8.500M15.5 8l3 3"/>',
    "left": '<path d="M15 5l-7 7 7 7"/>',
    "link": (
        '<path d="M10 14a3.5 3.5 0 0 0 5 0l3.5-3.5a3.5 3.5 0 0 0-5-5L12 7M14 10a3.5 3.5 0 0 0-5 0'
        'l-3.5 3.5a3.5 3.5 0 0 0 5 5L12 17"/>'
    ),
    "list": '<path d="M8.5 6.500H20M8.5 12H20M8.5 17.500H20M4 6.500h.1M4 12h.1M4 17.500h.1"/>',
    "lock": ('<rect x="5" y="10.5" width="14" height="9" rx="2"/><path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"/>'),
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "minus": '<path d="M5 12h14"/>',
    "out": '<path d="M10 4.5H6a1.5 1.5 0 0 0-1.5 1.5v12A1.5 1.5 0 0 0 6 19.5h4M14.5 8l4 4-4 4M18 12H9.5"/>',
    "phone": '<rect x="7" y="3.5" width="10" height="17" rx="2"/><path d="M11 17.500h2"/>',
    "play": ('<rect x="3.5" y="5" width="17" height="12" rx="2"/><path d="M10.5 8.500l4 2.5-4 2.500zM8 20h8"/>'),
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "pulse": '<path d="M3.5 12h4l2.5-6 4 12 2.5-6h4"/>',
    "right": '<path d="M9 5l7 7-7 7"/>',
    "rule": '<path d="M5 4.500h10.500a3 3 0 0 1 3 3v12H8a3 3 0 0 1-3-3zM9 9h6M9 12.500h6"/>',
    "scale": (
        '<path d="M12 4.500v15M7.5 19.500h9M5 7.500h14M5 7.500l-2.5 6a3 3 0 0 0 5 0zM19 7.500l-2.5 6a3 3 0 0 0 5 0z"/>'
    ),
    "seal": (
        '<rect x="4.5" y="4.5" width="15" height="15" rx="2.5"/>'
        '<path d="M4.5 12h4.700M14.8 12h4.7"/><circle cx="12" cy="12" r="2.8"/>'
    ),
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
    "shield": ('<path d="M12 3.500l7.5 3v5c0 4.5-3 7.8-7.5 9-4.5-1.2-7.5-4.5-7.5-9v-5zM8.8 11.800l2.3 2.3 4.2-4.6"/>'),
    "shop": (
        '<path d="M5 10v9.500h14V10M3.5 9l1.5-4.500h14L20.5 9a2.8 2.8 0 0 1-5.6 0 2.8 2.8 0 0'
        ' 1-5.7 0A2.8 2.8 0 0 1 3.5 9zM10 19.500v-5h4v5"/>'
    ),
    "star": '<path d="M4 19.500V13M9.3 19.500V9M14.7 19.500v-5M20 19.500v-13"/>',
    "tag": '<path d="M4.5 12.5v-8h8l7 7-8 8zM8.5 8.5v.1"/>',
    "undo": '<path d="M8.5 5.5L4.5 9.5l4 4M4.5 9.5h9a5 5 0 0 1 0 10H9"/>',
    "upload": '<path d="M12 16V5M8 9l4-4 4 4M5 19h14"/>',
    "user": '<circle cx="12" cy="8.5" r="3.8"/><path d="M4.5 20c.8-4.2 3.7-6 7.5-6s6.7 1.8 7.5 6"/>',
    "users": (
        '<circle cx="9" cy="8.5" r="3.3"/>'
        '<path d="M3 19c.6-3.6 3-5.2 6-5.2s5.4 1.6 6 5.2M15.5 5.5a3.3 3.3 0 0 1 0 6.2M17.5 14.2c2'
        ' .7 3.2 2.3 3.6 4.8"/>'
    ),
    "video": '<rect x="3.5" y="5" width="17" height="14" rx="2"/><path d="M10 9l5 3-5 3z"/>',
    "wallet": (
        '<path d="M4 7.500A2 2 0 0 1 6 5.500h11v3M4 7.500v10a2 2 0 0 0 2 2h14v-11H6a2 2 0 0 1-2-1zM16.5 14v.1"/>'
    ),
    "warn": '<path d="M12 4.500l8.5 15h-17zM12 10v4.500M12 17v.1"/>',
    "x": '<path d="M6 6l12 12M18 6L6 18"/>',
}


def icon(name: str, cls: str = "", label: str = "") -> Markup:
    """One icon as inline SVG; `label` makes it speak, else it is decoration. Raises KeyError on a wrong name."""
    voice = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    classes = f"ico {escape(cls)}" if cls else "ico"
    return Markup(f'<svg class="{classes}" viewBox="0 0 24 24" {voice}>{PATHS[name]}</svg>')
