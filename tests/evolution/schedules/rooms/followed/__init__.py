"""What a site has written that follows the page of Sisy on data migrations."""
