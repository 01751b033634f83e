"""Pictures of any kind as people should see them: upright, opaque, in sRGB, eight bits."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageCms, ImageOps

_SRGB = ImageCms.createProfile("sRGB")
_LAB = ImageCms.createProfile("LAB")
_SPACE_OF_MODE = {"RGB": "RGB", "CMYK": "CMYK", "L": "GRAY", "LAB": "Lab"}
_WHITE: dict[str, float | tuple[float, ...]] = {"L": 255, "RGB": (255, 255, 255)}


def upright(picture: Image.Image) -> Image.Image:
    """Turned and mirrored as EXIF says (CIPA DC-008, 4.6.4). Pillow has done that already to a
    TIFF when its pixels were read."""
    return ImageOps.exif_transpose(picture)


def flattened(picture: Image.Image) -> Image.Image:
    """With palettes resolved, 16 bits reduced to 8 and what is transparent laid on white, still in
    its own colour space: of mode L, RGB, CMYK, LAB or YCbCr."""
    if picture.mode.startswith("I;16"):
        return picture.point(lambda value: value / 256).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in ("P", "PA") or (picture.has_transparency_data and picture.mode != "LA"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if picture.mode in ("LA", "RGBA", "RGBX"):
        opaque = "L" if picture.mode == "LA" else "RGB"
        ground = Image.new(opaque, picture.size, _WHITE[opaque])
        mask = picture.getchannel("A") if picture.mode != "RGBX" else None
        ground.paste(picture.convert(opaque), mask=mask)
        ground.info = dict(picture.info)
        return ground
    return picture


def in_srgb(flat: Image.Image) -> Image.Image:
    """A flattened picture in sRGB: by its own ICC profile (relative colorimetric, with black point
    compensation, as image editors do by default), without one by the usual meaning of its mode."""
    profile = profile_of(flat)
    if profile is not None and _fits(profile, flat.mode):
        converted = _converted(flat, profile)
        if converted is not None:
            return converted
    if flat.mode == "LAB":
        return _converted(flat, ImageCms.ImageCmsProfile(_LAB)) or flat.convert("RGB")
    return flat.convert("RGB")


def profile_of(picture: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """Its embedded ICC profile; None where there is none that can be read."""
    data = picture.info.get("icc_profile")
    if not data:
        return None
    try:
        return ImageCms.ImageCmsProfile(BytesIO(data))
    except (OSError, ImageCms.PyCMSError):
        return None


def profile_name(picture: Image.Image) -> str | None:
    """What its ICC profile calls itself, `unreadable` for one that cannot be read."""
    if not picture.info.get("icc_profile"):
        return None
    profile = profile_of(picture)
    if profile is None:
        return "unreadable"
    try:
        return ImageCms.getProfileDescription(profile).strip()[:120] or "unnamed"
    except ImageCms.PyCMSError:
        return "unnamed"


def _fits(profile: ImageCms.ImageCmsProfile, mode: str) -> bool:
    return str(profile.profile.xcolor_space).strip() == _SPACE_OF_MODE.get(mode)


def _converted(flat: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image | None:
    try:
        return ImageCms.profileToProfile(
            flat,
            profile,
            _SRGB,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except ImageCms.PyCMSError:
        return None
