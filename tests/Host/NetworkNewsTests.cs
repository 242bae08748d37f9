// What the kernel says of the network, by octets: what is news, what is not, and what the kernel never says.
using System.Buffers.Binary;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Host.Tests;

public class NetworkNewsTests
{
    private const int NewLink = 16, DeletedLink = 17, NewAddress = 20, DeletedAddress = 21, NewRoute = 24, DeletedRoute = 25;
    private const uint Up = 0x1, Running = 0x40, LowerUp = 0x10000;
    private const uint Tentative = 0x40;

    private static readonly byte[] Address = [192, 0, 2, 1];

    private static NetworkNews News() => new(new StartGate());

    private static byte[] Message(int type, params byte[] body)
    {
        var message = new byte[16 + (body.Length + 3 & ~3)];
        BitConverter.TryWriteBytes(message, 16 + body.Length);
        BitConverter.TryWriteBytes(message.AsSpan(4), (ushort)type);
        body.CopyTo(message, 16);
        return message;
    }

    private static byte[] Link(int type, uint index, uint flags) => Message(type, [0, 0, 1, 0, .. BitConverter.GetBytes(index), .. BitConverter.GetBytes(flags), 0, 0, 0, 0]);

    private static byte[] AddressMessage(int type, uint link, byte[] address, uint flags, bool hasLongFlags = true) => Message(
        type,
        [
            (byte)(address.Length == 4 ? 2 : 10), 24, (byte)flags, 0, .. BitConverter.GetBytes(link), .. Attribute(1, address), .. Attribute(2, address),
            // Lifetimes, which are another each time.
            .. Attribute(6, BitConverter.GetBytes(Environment.TickCount64)), .. hasLongFlags ? Attribute(8, BitConverter.GetBytes(flags)) : [],
        ]);

    private static byte[] Route(int type, uint flags = 0) => Message(type, [2, 24, 0, 0, 254, 2, 0, 1, .. BitConverter.GetBytes(flags)]);

    private static byte[] Attribute(int type, byte[] value)
    {
        var attribute = new byte[4 + (value.Length + 3 & ~3)];
        BitConverter.TryWriteBytes(attribute, (ushort)(4 + value.Length));
        BitConverter.TryWriteBytes(attribute.AsSpan(2), (ushort)type);
        value.CopyTo(attribute, 4);
        return attribute;
    }

    [Fact]
    public void A_link_is_news_when_it_comes_and_goes_and_changes()
    {
        var news = News();
        Assert.True(news.Read(Link(NewLink, 2, Up)));
        Assert.True(news.Read(Link(NewLink, 2, Up | Running | LowerUp)));
        Assert.False(news.Read(Link(NewLink, 2, Up | Running | LowerUp)));
        // Promiscuous, as somebody who captures makes it.
        Assert.False(news.Read(Link(NewLink, 2, Up | Running | LowerUp | 0x100)));
        Assert.True(news.Read(Link(NewLink, 3, Up | Running | LowerUp)));
        Assert.True(news.Read(Link(DeletedLink, 3, 0)));
        Assert.True(news.Read(Link(NewLink, 3, Up | Running | LowerUp)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_address_whose_lifetime_is_renewed_is_no_news(bool hasLongFlags)
    {
        var news = News();
        byte[] v6 = [0x20, 1, 0xD, 0xB8, .. new byte[11], 1];
        foreach (byte[] address in new[] { Address, v6 })
        {
            Assert.True(news.Read(AddressMessage(NewAddress, 2, address, Tentative, hasLongFlags)));
            Assert.True(news.Read(AddressMessage(NewAddress, 2, address, 0, hasLongFlags)));
            Assert.False(news.Read(AddressMessage(NewAddress, 2, address, 0, hasLongFlags)));
            // Permanent (0x80): of no interest.
            Assert.False(news.Read(AddressMessage(NewAddress, 2, address, 0x80, hasLongFlags)));
            Assert.True(news.Read(AddressMessage(NewAddress, 3, address, 0, hasLongFlags)));
            Assert.True(news.Read(AddressMessage(DeletedAddress, 2, address, 0, hasLongFlags)));
            Assert.True(news.Read(AddressMessage(NewAddress, 2, address, 0, hasLongFlags)));
        }
        Assert.True(news.Read(AddressMessage(NewAddress, 2, [192, 0, 2, 2], 0, hasLongFlags)));
    }

    [Fact]
    public void A_route_is_news_but_for_the_kernels_own_copies()
    {
        var news = News();
        Assert.True(news.Read(Route(NewRoute)));
        Assert.True(news.Read(Route(NewRoute)));
        Assert.True(news.Read(Route(DeletedRoute)));
        Assert.False(news.Read(Route(NewRoute, 0x200)));
    }

    [Fact]
    public void Several_messages_are_read_one_behind_the_other()
    {
        var news = News();
        byte[] known = Link(NewLink, 2, Up);
        Assert.True(news.Read(known));
        Assert.False(news.Read([.. known, .. known, .. Message(3)]));
        Assert.True(news.Read([.. known, .. Message(99, 1, 2, 3), .. Route(NewRoute)]));
        // Lost messages may have said anything.
        Assert.True(news.Read(Message(4)));
    }

    [Fact]
    public void More_links_than_are_kept_are_news_again_and_no_more_than_that()
    {
        var news = News();
        for (int round = 0; round < 2; round++)
        {
            for (uint link = 1; link <= 100; link++)
                Assert.True(news.Read(Link(NewLink, link, Up)));
        }
        Assert.False(news.Read(Link(NewLink, 100, Up)));
    }

    [Fact]
    public void What_does_not_fit_ends_the_reading_and_hurts_nobody()
    {
        var news = News();
        byte[] link = Link(NewLink, 2, Up);
        for (int length = 0; length < link.Length; length++)
            Assert.False(news.Read(link.AsSpan(0, length)));
        foreach (int length in new[] { 0, 1, 15, -1, int.MinValue, int.MaxValue, link.Length + 1 })
        {
            byte[] wrong = [.. link, .. Route(NewRoute)];
            BitConverter.TryWriteBytes(wrong, length);
            Assert.False(news.Read(wrong.AsSpan(0, link.Length)));
        }
        // Too short for its type.
        foreach (int type in new[] { NewLink, DeletedLink, NewAddress, DeletedAddress, NewRoute, DeletedRoute })
            Assert.False(news.Read(Message(type, 1, 2, 3, 4)));
    }

    [Fact]
    public void Mutated_messages_are_read_to_an_end()
    {
        var news = News();
        var random = new Random(3549);
        byte[][] seeds = [Link(NewLink, 2, Up), AddressMessage(NewAddress, 2, Address, 0), AddressMessage(DeletedAddress, 2, Address, 0), Route(NewRoute)];
        int told = 0;
        for (int i = 0; i < 50_000; i++)
        {
            byte[] mutant = [.. seeds[random.Next(4)], .. seeds[random.Next(4)]];
            for (int changes = random.Next(5); changes > 0; changes--)
                mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
            told += news.Read(mutant.AsSpan(0, random.Next(mutant.Length + 1))) ? 1 : 0;
        }
        Assert.InRange(told, 1, 49_999);
    }
}
