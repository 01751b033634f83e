"""Pictures: what is recognised and measured, what is refused, and what becomes of them."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFilter
from tests.media import icc

from deadwax.domain.errors import Refused
from deadwax.domain.media.measured import ImageMeasured
from deadwax.domain.media.recipes import ImageRecipe
from deadwax.infrastructure.media import artwork
from deadwax.infrastructure.media.render.image import render

INK = (60.0, 20.0, 30.0)
PRESS = icc.press({(1, 0, 0, 0): INK})


def scene(side: int = 512, seed: int = 1) -> Image.Image:
    return _scene(side, seed).copy()


@cache
def _scene(side: int, seed: int) -> Image.Image:
    """Shapes of all sizes with sharp edges, as covers have, on a slope of colours."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    picture = np.stack([x * 200 / side, y * 200 / side, (x + y) * 100 / side], axis=-1)
    for _ in range(200):
        radius = side * 10 ** rng.uniform(-2, -0.7)
        cx, cy = rng.uniform(0, side, 2)
        picture[(x - cx) ** 2 + (y - cy) ** 2 < radius**2] = rng.uniform(0, 255, 3)
    return Image.fromarray(picture.astype(np.uint8))


def saved(path: Path, picture: Image.Image, kind: str = "PNG", **options: Any) -> str:
    picture.save(path, kind, **options)
    return str(path)


def measured(path: str) -> ImageMeasured:
    found, faults = artwork.measure(path)
    assert faults == ()
    return found


def fault_codes(path: Path | str) -> list[str]:
    return [fault.code for fault in artwork.measure(str(path))[1]]


def recognised(path: Path | str) -> tuple[str, int, int] | None:
    found = artwork.recognise_picture(Path(path).read_bytes()[:16], str(path))
    return (found.codec, found.width, found.height) if found else None


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as caught:
        recognised(path)
    return caught.value.problems[0].code


def rendered(path: str, out: Path, pixels: int = 3000) -> Image.Image:
    out.unlink(missing_ok=True)
    made = render(path, ImageRecipe(pixels=pixels), str(out), lambda done: None)
    picture = Image.open(out)
    picture.load()
    assert (made.facts.codec, picture.format, picture.mode) == ("JPEG", "JPEG", "RGB")  # type: ignore[union-attr]
    assert (made.facts.width, made.facts.height) == picture.size  # type: ignore[union-attr]
    assert made.same_samples is False
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    return picture


@pytest.mark.parametrize(
    ("kind", "codec"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("TIFF", "TIFF"), ("WEBP", "WebP")]
)
def test_every_kind_is_recognised_by_its_bytes(kind: str, codec: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "cover.bin", scene().crop((0, 0, 512, 400)), kind)
    assert recognised(path) == (codec, 512, 400)
    found = measured(path)
    assert (found.colour_space, found.bits, found.alpha, found.frames) == ("RGB", 8, False, 1)


def test_what_is_no_picture_is_left_to_others(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    for head in (b"RIFF\x10\0\0\0WAVEfmt ", b"GIF89a", b"%PDF-1.7", b"BM", b"\0" * 16):
        path.write_bytes(head)
        assert recognised(path) is None


@pytest.mark.parametrize(
    ("name", "make", "wanted"),
    [
        ("cmyk", lambda p: saved(p, scene().convert("CMYK"), "JPEG"), {"colour_space": "CMYK"}),
        ("lab", lambda p: saved(p, scene().convert("LAB"), "TIFF"), {"colour_space": "LAB"}),
        ("grey", lambda p: saved(p, scene().convert("L"), "JPEG"), {"colour_space": "GREY"}),
        ("alpha", lambda p: saved(p, scene().convert("RGBA")), {"alpha": True}),
        ("16bit", lambda p: saved(p, scene().convert("I;16")), {"bits": 16}),
        (
            "progressive",
            lambda p: saved(p, scene(), "JPEG", progressive=True),
            {"progressive": True},
        ),
        ("dpi", lambda p: saved(p, scene(), "JPEG", dpi=(300, 150)), {"dpi": 150.0}),
        (
            "pages",
            lambda p: saved(p, scene(), "TIFF", save_all=True, append_images=[scene(seed=2)] * 2),
            {"frames": 3},
        ),
        (
            "apng",
            lambda p: saved(p, scene(), save_all=True, append_images=[scene(seed=2)]),
            {"frames": 2},
        ),
        (
            "webp",
            lambda p: saved(p, scene(), "WEBP", save_all=True, append_images=[scene(seed=2)]),
            {"frames": 2},
        ),
        (
            "icc",
            lambda p: saved(p, scene().convert("CMYK"), "JPEG", icc_profile=PRESS),
            {"icc_profile": "Test press"},
        ),
        (
            "bad icc",
            lambda p: saved(p, scene(), "JPEG", icc_profile=b"x" * 200),
            {"icc_profile": "unreadable"},
        ),
    ],
)
def test_what_is_measured(
    name: str, make: Callable[[Path], str], wanted: dict[str, object], tmp_path: Path
) -> None:
    plain = vars(measured(saved(tmp_path / "plain", scene(), "JPEG")))
    found = vars(measured(make(tmp_path / name)))
    for field, value in wanted.items():
        assert (found[field], plain[field] == value) == (value, False)


def rotated(orientation: int = 6) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = orientation
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_picture_on_its_side_is_told_and_turned(kind: str, tmp_path: Path) -> None:
    lying = scene().crop((0, 0, 512, 400))
    path = saved(tmp_path / "lying", lying, kind, exif=rotated())
    assert measured(path).orientation == 6
    assert measured(saved(tmp_path / "odd", lying, kind, exif=rotated(9))).orientation == 1
    upright = rendered(path, tmp_path / "out.jpg")
    assert upright.size == (400, 512)
    assert _apart(upright, lying.transpose(Image.Transpose.ROTATE_270)) < 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_file_that_ends_early_is_told(kind: str, tmp_path: Path) -> None:
    path = Path(saved(tmp_path / "cut", scene(), kind))
    whole = path.read_bytes()
    for kept in (0.5, 0.9, 1 - 1 / len(whole)):
        path.write_bytes(whole[: int(len(whole) * kept)])
        assert fault_codes(path) == ["truncated"]


def test_a_tiff_that_ends_early_is_told_where_its_header_is_in_front(tmp_path: Path) -> None:
    path = Path(saved(tmp_path / "cut", scene(), "TIFF"))
    path.write_bytes(path.read_bytes()[:400_000])
    assert fault_codes(path) == ["truncated"]


def test_a_wrong_checksum_is_told(tmp_path: Path) -> None:
    path = Path(saved(tmp_path / "bad.png", scene()))
    data = bytearray(path.read_bytes())
    data[data.index(b"IDAT") + 1000] ^= 1
    path.write_bytes(data)
    assert fault_codes(path) == ["image_damaged"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_follows_the_picture_is_told(kind: str, tmp_path: Path) -> None:
    path = Path(saved(tmp_path / "polyglot", scene(), kind))
    path.write_bytes(path.read_bytes() + b"PK\x05\x06<html>")
    assert fault_codes(path) == ["image_data_after_end"]
    assert artwork.measure(str(path))[1][0].value == 10


def _png_of(width: int, height: int, data: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "size", [(10_001, 10_000), (100_000, 2), (2, 30_001), (2**31 - 1, 2**31 - 1)]
)
def test_absurd_dimensions_are_refused_before_anything_is_decoded(
    size: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(_png_of(*size, zlib.compress(bytes(1_000_000))))
    tracemalloc.start()
    try:
        assert refusal(path) == "picture_too_large"
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_bytes_that_only_begin_like_a_picture_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise"
    rng = np.random.default_rng(3)
    for head in (
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"II*\0\x08\0\0\0",
        b"RIFF\xff\0\0\0WEBPVP8 ",
    ):
        for _ in range(20):
            path.write_bytes(head + rng.bytes(300))
            assert refusal(path) in ("picture_broken", "picture_too_large", "picture_format")


def test_thirty_two_bits_a_channel_are_refused(tmp_path: Path) -> None:
    path = Path(saved(tmp_path / "float.tif", scene().convert("F"), "TIFF"))
    assert refusal(path) == "picture_format"


def test_mutants_of_pictures_are_measured_or_refused(tmp_path: Path) -> None:
    rng, path = np.random.default_rng(5), tmp_path / "mutant"
    small = scene(64)
    for kind in ("JPEG", "PNG", "TIFF", "WEBP"):
        whole = Path(saved(path, small, kind)).read_bytes()
        for _ in range(60):
            data = bytearray(whole)
            for place in rng.integers(0, min(len(data), 2000), 3):
                data[place] = rng.integers(0, 256)
            path.write_bytes(data)
            with suppress(Refused):
                if recognised(path):
                    artwork.measure(str(path))


def test_scaled_up_and_blurred_pictures_have_no_fine_detail(tmp_path: Path) -> None:
    def detail(picture: Image.Image) -> float:
        found = measured(saved(tmp_path / "picture.jpg", picture, "JPEG", quality=92)).high_band_db
        assert found is not None
        return found

    sharp = scene(1000)
    assert detail(sharp) > -26
    small = scene(340).resize((1020, 1020), Image.Resampling.LANCZOS)
    assert detail(small) < -30
    assert detail(sharp.filter(ImageFilter.GaussianBlur(3))) < -32
    assert (
        measured(saved(tmp_path / "flat", Image.new("RGB", (600, 600), "red"))).high_band_db is None
    )


def test_the_perceptual_hash_stays_and_tells_pictures_apart(tmp_path: Path) -> None:
    def hashed(picture: Image.Image, kind: str = "PNG", **options: Any) -> int:
        found = measured(saved(tmp_path / "picture", picture, kind, **options)).perceptual_hash
        assert found is not None
        return int(found, 16)

    first = hashed(scene())
    again = (
        hashed(scene(), "JPEG", quality=60),
        hashed(scene().resize((300, 300)), "WEBP"),
        hashed(scene().convert("CMYK"), "TIFF"),
        hashed(scene().transpose(Image.Transpose.ROTATE_90), "JPEG", exif=rotated()),
    )
    assert max((first ^ other).bit_count() for other in again) <= 4
    assert min((first ^ hashed(scene(seed=seed))).bit_count() for seed in (2, 3, 4)) > 12


def _apart(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of the levels, away from sharp edges."""
    soft = [np.asarray(p.convert("RGB").resize((64, 64)), dtype=float) for p in (one, other)]
    return float(np.abs(soft[0] - soft[1]).mean())


def test_cmyk_becomes_srgb_by_its_profile(tmp_path: Path) -> None:
    cyan = Image.new("CMYK", (400, 400), (255, 0, 0, 0))
    for kind in ("JPEG", "TIFF"):
        path = saved(tmp_path / "press", cyan, kind, icc_profile=PRESS)
        found = rendered(path, tmp_path / "out.jpg", 100).getpixel((50, 50))
        assert np.abs(np.subtract(found, icc.srgb(INK))).max() <= 4
    bare = saved(tmp_path / "bare", cyan, "JPEG")
    assert (
        np.abs(
            np.subtract(rendered(bare, tmp_path / "out.jpg").getpixel((5, 5)), (0, 255, 255))
        ).max()
        <= 4
    )


def test_a_profile_of_other_colours_is_not_applied(tmp_path: Path) -> None:
    path = saved(tmp_path / "wrong", scene(), "JPEG", icc_profile=PRESS, quality=95)
    assert _apart(rendered(path, tmp_path / "out.jpg"), scene()) < 3


def test_an_rgb_profile_on_its_side_is_applied_and_turned(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lying = scene().crop((0, 0, 512, 400))
    path = saved(tmp_path / "both", lying, "JPEG", exif=rotated(), icc_profile=profile, quality=95)
    upright = rendered(path, tmp_path / "out.jpg")
    assert upright.size == (400, 512)
    assert _apart(upright, lying.transpose(Image.Transpose.ROTATE_270)) < 3


@pytest.mark.parametrize("mode", ["LAB", "L", "P", "1", "I;16", "RGBA", "LA"])
def test_every_mode_becomes_an_opaque_rgb_picture(mode: str, tmp_path: Path) -> None:
    picture = scene()
    if mode in ("RGBA", "LA"):
        picture.putalpha(255)
    source = picture.convert(mode)
    if mode == "I;16":
        source = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    path = saved(tmp_path / "source", source, "TIFF" if mode == "LAB" else "PNG")
    wanted = picture if mode in ("LAB", "P", "RGBA") else picture.convert("L")
    assert _apart(rendered(path, tmp_path / "out.jpg"), wanted.convert("RGB")) < 12


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (300, 300), (255, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (150, 0, 300, 300))
    for kind in ("PNG", "WEBP", "TIFF"):
        found = rendered(saved(tmp_path / "clear", clear, kind), tmp_path / "out.jpg")
        assert np.abs(np.subtract(found.getpixel((75, 150)), (255, 255, 255))).max() <= 3
        assert np.abs(np.subtract(found.getpixel((225, 150)), (0, 0, 255))).max() <= 6


def test_pictures_are_made_smaller_and_never_larger(tmp_path: Path) -> None:
    path = saved(tmp_path / "source", scene(700).crop((0, 0, 700, 350)), "PNG")
    assert rendered(path, tmp_path / "out.jpg", 500).size == (500, 250)
    assert rendered(path, tmp_path / "out.jpg", 1400).size == (700, 350)


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path) -> None:
    path = saved(tmp_path / "source", scene(), "PNG")
    made = [
        rendered(path, tmp_path / f"{i}.jpg") and (tmp_path / f"{i}.jpg").read_bytes()
        for i in (1, 2)
    ]
    assert made[0] == made[1]


def test_a_picture_that_would_be_too_large_gets_a_lower_quality(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (3000, 3000, 3), dtype=np.uint8)
    path = saved(tmp_path / "noise.png", Image.fromarray(noise), compress_level=1)
    out = tmp_path / "out.jpg"
    made = render(path, ImageRecipe(pixels=3000), str(out), lambda done: None)
    assert 5_000_000 < out.stat().st_size <= 10_000_000
    assert made.encoder.endswith(", quality 88")


def test_a_picture_that_ends_early_is_not_rendered(tmp_path: Path) -> None:
    path = Path(saved(tmp_path / "cut.jpg", scene(), "JPEG"))
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(Refused) as caught:
        render(str(path), ImageRecipe(pixels=500), str(tmp_path / "out.jpg"), lambda done: None)
    assert caught.value.problems[0].code == "picture_broken"
