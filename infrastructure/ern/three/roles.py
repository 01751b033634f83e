"""Who stands where: ERN 3.8.x splits what ERN 4 calls contributors into three sets of roles."""

from __future__ import annotations

_ARTISTS = """
Actor Adapter Architect Arranger ArtCopyist Artist AssociatedPerformer Author Band
Calligrapher Cartographer Cartoonist Choir Choreographer Composer ComposerLyricist
ComputerGraphicCreator ComputerProgrammer Conductor Contributor Dancer Delineator Designer
Director Draughtsman Ensemble Facsimilist FeaturedArtist FilmDirector GraphicArtist
GraphicDesigner Illustrator Journalist Librettist Lyricist MainArtist MusicCopyist Narrator
NonLyricAuthor NotSpecified Orchestra OriginalPublisher Painter Photographer
PhotographyDirector Playwright PrimaryMusician Producer Programmer ScreenplayAuthor Soloist
StudioMusician StudioPersonnel SubArranger Translator TypeDesigner
"""
ARTIST_ROLES = frozenset(_ARTISTS.split())
"""DDEX ArtistRole: what a DisplayArtist can be."""

_WORK = """
Adapter Architect Arranger Author AuthorInQuotations AuthorOfAfterword BookPublisher Compiler
Composer ComposerLyricist Conceptor CopyrightClaimant CopyrightHolder Creator DialogueAuthor
Dissertant Engraver Etcher Journalist LandscapeArchitect Librettist Lithographer Lyricist
MetalEngraver MusicPublisher NewspaperPublisher NonLyricAuthor OriginalPublisher
PeriodicalPublisher PlateMaker Playwright Reporter Reviewer Rubricator ScreenplayAuthor Sculptor
SubArranger SubLyricist SubPublisher SubstitutedPublisher Translator WoodEngraver Woodcutter
WriterOfAccompanyingMaterial
"""
WORK_ROLES = frozenset(_WORK.split())
"""DDEX MusicalWorkContributorRole: they made the work that was recorded and are
IndirectResourceContributors. Without AssociatedPerformer and Contributor, which are also of
ResourceContributorRole and are credits of the recording."""
