// Sets of octets: the ends of words and ranges are where such code goes wrong.
using SipEmbedded.Generator.Automata;

namespace SipEmbedded.Generator.Tests.Automata;

public sealed class ByteSetTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 255)]
    [InlineData(63, 64)]
    [InlineData(127, 128)]
    [InlineData(191, 192)]
    [InlineData(1, 254)]
    [InlineData(255, 255)]
    public void A_range_holds_exactly_its_octets(byte from, byte to)
    {
        var set = ByteSet.Range(from, to);
        for (var octet = 0; octet < 256; octet++)
            Assert.Equal(octet >= from && octet <= to, set.Contains((byte)octet));
        Assert.Equal(to - from + 1, set.Count);
        Assert.Equal(from, set.First());
        Assert.Equal([(from, to)], set.Ranges());
        Assert.Equal(256 - set.Count, (~set).Count);
    }

    [Fact]
    public void Sets_combine_and_compare_by_their_octets()
    {
        var letters = ByteSet.Range((byte)'a', (byte)'z') | ByteSet.Range((byte)'A', (byte)'Z');
        var e = ByteSet.OfIgnoringCase((byte)'E');
        Assert.Equal("%x45 / %x65", e.ToString());
        Assert.True(e.IsSubsetOf(letters));
        Assert.False(letters.IsSubsetOf(e));
        Assert.Equal(50, (letters - e).Count);
        Assert.Equal(letters, (letters - e) | e);
        Assert.True(((letters - e) & e).IsEmpty);
        Assert.False((letters - e).Overlaps(e));
        Assert.Equal(letters.GetHashCode(), ((letters - e) | e).GetHashCode());
        Assert.Equal(ByteSet.Empty, default);
        Assert.Equal(-1, ByteSet.Empty.First());
        Assert.Equal(ByteSet.All, ~ByteSet.Empty);
        Assert.True(ByteSet.Range(2, 1).IsEmpty);
    }

    [Theory]
    [InlineData('@')]
    [InlineData('[')]
    [InlineData('`')]
    [InlineData('{')]
    [InlineData('0')]
    public void Only_letters_have_another_case(char c) => Assert.Equal(1, ByteSet.OfIgnoringCase((byte)c).Count);
}
